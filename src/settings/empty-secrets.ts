import { metaOf } from './fields.ts'
import { settingFor, spelled } from './names.ts'
import type { Problem } from './problem.ts'
import { type SettingName, schema } from './schema.ts'
import type { Env, RawSettings } from './sources.ts'

/** Why a secret arrives without a value, for a person who has to look. */
export const emptySecret =
  'the secret behind it has no value, or this run may not have it (an event or a fork it is not allowed for)'

/** What people call the secret behind a setting; `registry_` and the setting's name for the rest. */
const secretNames: Record<string, string> = { password: 'registry_password', username: 'registry_username' }

/**
 * Secrets that arrived empty. Woodpecker leaves out what nobody set, so an empty `PLUGIN_PASSWORD` is a `from_secret`
 * without a value. In Actions a secret that does not exist is an empty text, and so is an input that nobody set: there
 * only half a login tells.
 */
export function emptySecrets(env: Env, { values }: RawSettings): Problem[] {
  const found = new Map<SettingName, string>()
  for (const [name, value] of Object.entries(env)) {
    const [, source, rest = ''] = /^(PLUGIN_|INPUT_)(.*)$/.exec(name) ?? []
    const setting = settingFor(rest)
    if (!source || !setting || value?.trim() !== '' || values.has(setting)) continue
    const half =
      (setting === 'password' && values.has('username')) || (setting === 'username' && values.has('password'))
    // An empty list of logins is one that nobody is in.
    const hidden = setting !== 'logins' && metaOf(schema.shape[setting]).secret
    if (half || (source === 'PLUGIN_' && hidden)) found.set(setting, spelled(rest))
  }
  return [...found.values()].map((name) => ({
    setting: name,
    message: `arrived empty: ${emptySecret}. Give that secret a value, and name it here`,
    fix: { [name]: { secret: secretNames[settingFor(name) ?? ''] ?? `registry_${name}` } },
  }))
}
