import { metaOf } from '../settings/fields.ts'
import { settingFor } from '../settings/names.ts'
import { schema } from '../settings/schema.ts'
import type { Env } from '../settings/sources.ts'

/**
 * Every secret in the settings as they were given, under any alias, valid or not: when settings are refused, the error about one
 * may quote the value of another. The whole value of `password` and `s3_secret_key`, the secrets inside `logins`, `docker_config`
 * and `DOCKER_AUTH_CONFIG`, and Amazon's credentials.
 */
export function givenSecrets(env: Env, given: Map<string, string>): string[] {
  const amazon = [env.AWS_SECRET_ACCESS_KEY, env.AWS_SESSION_TOKEN].flatMap((secret) => secret ?? [])
  const named = Object.entries(env).flatMap(([name, value = '']) => {
    const setting = /^(?:PLUGIN|INPUT)_(.+)$/.exec(name)?.[1]
    return setting === undefined && name !== 'DOCKER_AUTH_CONFIG' ? [] : [[setting ?? name, value] as const]
  })
  const found = [...named, ...given].flatMap(([name, value]) => {
    if (name === 'DOCKER_AUTH_CONFIG') return secretsIn(value)
    const setting = settingFor(name)
    if (setting === undefined || metaOf(schema.shape[setting]).secret !== true) return []
    // A path is none.
    if (setting === 'kubeconfig' && !/[\n{]/.test(value)) return []
    return setting === 'password' || setting === 's3_secret_key' ? [value] : secretsIn(value)
  })
  return [...amazon, ...found]
}

/** The secrets in a text of logins: in its JSON or, if that is invalid, every value whose name suggests a secret. */
export function secretsIn(text: string): string[] {
  // The path of a file is not a secret.
  if (/^[~.]{0,2}\/[^\n{]*$/.test(text.trim())) return []
  try {
    return leaves(JSON.parse(text), '')
  } catch {
    const found = [...text.matchAll(entry)].filter(([, name = '']) => suggestsSecret.test(name))
    return [text, ...found.flatMap(([, name = '', value = '']) => secret(name, unquoted(value)))]
  }
}

const entry = /(?<!\w)(\w{1,64})["']?\s*[:=]\s*("(?:[^"\\]|\\.)*"?|'[^']*'?|[^\s,}\]"']+)/g

const suggestsSecret = /pass|token|auth|secret|key/i

/** Names of values that are not secret; reports contain them. */
const publicNames = /^(?:registry|username|user|email|serverurl|credsstore|credhelpers)$/i

function leaves(value: unknown, name: string): string[] {
  if (typeof value === 'string') return secret(name, value)
  if (Array.isArray(value)) return value.flatMap((one) => leaves(one, name))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, one]) => (publicNames.test(key) ? [] : leaves(one, key)))
}

/** `auth` is base64 of `user:password`. */
function secret(name: string, value: string): string[] {
  const inside = name.toLowerCase() === 'auth' ? Buffer.from(value, 'base64').toString('utf8') : ''
  const password = inside.slice(inside.indexOf(':') + 1).replace(/\0+$/, '')
  return [value, ...(inside.includes(':') ? [password] : [])]
}

function unquoted(text: string): string {
  const inner = text.replace(/^["']|["']$/g, '')
  try {
    return String(JSON.parse(`"${inner}"`))
  } catch {
    return inner
  }
}
