import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Problem } from '../../settings/problem.ts'
import { parseAuthFile } from './auth-file.ts'
import type { AuthSource } from './credentials.ts'

/**
 * Reads the setting `docker_config`: the JSON itself, or the path of a config.json or of its folder. Returns a problem if it cannot
 * be used; the value is secret and not part of the problem.
 */
export async function readDockerConfig(
  setting: string | undefined,
): Promise<{ ok: true; value: AuthSource[] } | { ok: false; problem: Problem }> {
  if (setting === undefined) return { ok: true, value: [] }
  const inline = setting.trimStart().startsWith('{')
  const content = inline ? setting : await readFileOrFolder(setting)
  const wrong = (message: string) => ({ ok: false, problem: { setting: 'docker_config', message } }) as const
  if (content === undefined) return wrong('is neither JSON nor the path of a readable file')
  const auth = parseAuthFile(content)
  if (!auth) return wrong('is not a Docker configuration (JSON with “auths”, “credHelpers” or “credsStore”)')
  return { ok: true, value: [{ from: 'docker_config', auth }] }
}

async function readFileOrFolder(path: string): Promise<string | undefined> {
  const file = await readFile(path, 'utf8').catch(() => undefined)
  return file ?? (await readFile(join(path, 'config.json'), 'utf8').catch(() => undefined))
}
