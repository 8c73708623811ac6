import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Problem } from '../../settings/problem.ts'
import { parseAuthFile } from './auth-file.ts'
import type { AuthSource } from './credentials.ts'

/**
 * Reads the setting `docker_config`: the JSON itself, the path of a config.json, or a folder that holds one. What cannot be
 * used is a problem; the value is a secret and is not repeated.
 */
export async function readDockerConfig(
  setting: string | undefined,
): Promise<{ ok: true; value: AuthSource[] } | { ok: false; problem: Problem }> {
  if (setting === undefined) return { ok: true, value: [] }
  const inline = setting.trimStart().startsWith('{')
  const content = inline ? setting : await readEither(setting)
  const wrong = (message: string) => ({ ok: false, problem: { setting: 'docker_config', message } }) as const
  if (content === undefined) return wrong('is neither JSON nor the path of a file that can be read')
  const auth = parseAuthFile(content)
  if (!auth) return wrong('is no Docker configuration: JSON with “auths”, “credHelpers” or “credsStore”')
  return { ok: true, value: [{ from: 'docker_config', auth }] }
}

async function readEither(path: string): Promise<string | undefined> {
  const file = await readFile(path, 'utf8').catch(() => undefined)
  return file ?? (await readFile(join(path, 'config.json'), 'utf8').catch(() => undefined))
}
