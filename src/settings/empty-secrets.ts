import { metaOf } from './fields.ts'
import { canonicalName, settingFor } from './names.ts'
import type { Problem } from './problem.ts'
import { type SettingName, schema } from './schema.ts'
import type { Env, RawSettings } from './sources.ts'

/** Why a secret arrives without a value. */
export const emptySecretReason =
  'the secret has no value, or this run has no access to it (its event is not allowed, or it comes from a fork)'

/** Common names for the secret of a setting; for other settings, `registry_` and the setting's name. */
const secretNames: Record<string, string> = { password: 'registry_password', username: 'registry_username' }

/**
 * Secrets that arrived empty. Woodpecker omits unset settings, so an empty `PLUGIN_PASSWORD` is a `from_secret` without a
 * value. In Actions, a missing secret and an unset input both arrive as an empty string: there, only a login with one half
 * empty is reported.
 */
export function emptySecrets(env: Env, { values }: RawSettings): Problem[] {
  const found = new Map<SettingName, string>()
  for (const [variable, value] of Object.entries(env)) {
    const [, source, rest = ''] = /^(PLUGIN_|INPUT_)(.*)$/.exec(variable) ?? []
    const setting = settingFor(rest)
    if (!source || !setting || value?.trim() !== '' || values.has(setting)) continue
    const isHalfLogin =
      (setting === 'password' && values.has('username')) || (setting === 'username' && values.has('password'))
    // An empty `logins` is an empty list.
    const isSecret = setting !== 'logins' && metaOf(schema.shape[setting]).secret
    if (isHalfLogin || (source === 'PLUGIN_' && isSecret)) found.set(setting, canonicalName(rest))
  }
  return [...found.values()].map((name) => ({
    setting: name,
    message: `is empty: ${emptySecretReason}. Set the secret’s value and reference it here`,
    fix: { [name]: { secret: secretNames[settingFor(name) ?? ''] ?? `registry_${name}` } },
  }))
}
