import { readFile } from 'node:fs/promises'
import { parseEnv } from 'node:util'
import { settingFor } from '../../settings/names.ts'
import type { Env } from '../../settings/sources.ts'

/** Build plugins keep a few settings there; anything this long is something else. */
const maxBytes = 1024 * 1024

/**
 * The environment with what the file of the setting `env_file` adds: lines of `PLUGIN_NAME=value`, which are stronger
 * than the step's own, as in plugin-docker-buildx and plugin-kaniko. Nothing but `PLUGIN_` names is taken from it. A file
 * that cannot be used is passed over, as those plugins do, and `warning` says so.
 */
export async function withEnvFile(
  env: Env,
  given: Map<string, string>,
): Promise<{ env: Env; warning?: string }> {
  const path = given.get('env_file') ?? fromEnvironment(env)
  if (path === undefined) return { env }
  const skipped = (why: string) => ({
    env,
    warning: `settings.env_file: “${path}” ${why}; nothing is taken from it`,
  })
  try {
    const content = await readFile(path, 'utf8')
    if (content.length > maxBytes) return skipped('is too large to be a file of settings')
    const lines = Object.entries(parseEnv(content)).filter(([name]) => name.startsWith('PLUGIN_'))
    if (lines.length === 0) return skipped('has no line like PLUGIN_TAGS=1.2')
    return { env: { ...env, ...Object.fromEntries(lines) } }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    return skipped(code === 'ENOENT' ? 'does not exist in the workspace' : `cannot be read (${code})`)
  }
}

/** PLUGIN_ is stronger than INPUT_, as for every setting; an empty text is unset. */
function fromEnvironment(env: Env): string | undefined {
  for (const prefix of ['PLUGIN_', 'INPUT_']) {
    for (const [name, value] of Object.entries(env)) {
      const named = name.startsWith(prefix) && settingFor(name.slice(prefix.length)) === 'env_file'
      if (named && value?.trim()) return value
    }
  }
  return undefined
}
