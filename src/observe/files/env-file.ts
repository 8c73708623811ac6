import { readFile } from 'node:fs/promises'
import { parseEnv } from 'node:util'
import { settingFor } from '../../settings/names.ts'
import type { Env } from '../../settings/sources.ts'

/** An env file has a few settings; a larger file is something else. */
const maxBytes = 1024 * 1024

/**
 * The environment with the variables of the file that the setting `env_file` names. Its lines, `PLUGIN_NAME=value`, override the
 * step's own variables, as in plugin-docker-buildx and plugin-kaniko; names without `PLUGIN_` are ignored. A file that cannot be
 * used is skipped, as those plugins do, and reported in `warning`. `given` has the settings of the command line.
 */
export async function withEnvFile(
  env: Env,
  given: Map<string, string>,
): Promise<{ env: Env; warning?: string }> {
  const path = given.get('env_file') ?? fromEnvironment(env)
  if (path === undefined) return { env }
  const skipped = (why: string) => ({
    env,
    warning: `settings.env_file: “${path}” ${why}; the file is ignored`,
  })
  try {
    const content = await readFile(path, 'utf8')
    if (content.length > maxBytes) return skipped('is larger than 1 MiB')
    const lines = Object.entries(parseEnv(content)).filter(([name]) => name.startsWith('PLUGIN_'))
    if (lines.length === 0) return skipped('contains no line like PLUGIN_TAGS=1.2')
    return { env: { ...env, ...Object.fromEntries(lines) } }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    return skipped(code === 'ENOENT' ? 'does not exist in the workspace' : `cannot be read (${code})`)
  }
}

/** The value of `env_file` in the environment. PLUGIN_ overrides INPUT_, as for every setting; an empty value counts as unset. */
function fromEnvironment(env: Env): string | undefined {
  for (const prefix of ['PLUGIN_', 'INPUT_']) {
    for (const [name, value] of Object.entries(env)) {
      const isEnvFile = name.startsWith(prefix) && settingFor(name.slice(prefix.length)) === 'env_file'
      if (isEnvFile && value?.trim()) return value
    }
  }
  return undefined
}
