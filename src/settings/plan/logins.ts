import * as z from 'zod'
import { looksLikeHost } from '../../oci/reference.ts'
import { emptySecretReason } from '../empty-secrets.ts'
import { settingFor } from '../names.ts'
import type { Problem } from '../problem.ts'
import { isRegistryAddress, registryAddressRule } from '../registry-address.ts'
import type { Settings } from '../schema.ts'

/** A user name and a password for one registry. `from` names the setting they come from, for messages. */
export interface Login {
  registry: string
  username: string
  password: string
  from: string
}

const hubHosts = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io', 'registry.hub.docker.com'])
const text = z.string().optional()
const shape = z.array(
  z.looseObject({ registry: text, username: text, password: text, aws_access_key_id: text }),
)
type Entry = z.infer<typeof shape>[number]

/**
 * The logins from `username` and `password`, every entry of `logins`, and `json_key`. A half login is not reported again if
 * `problems` already has its missing half.
 */
export function loginsOf(settings: Settings, targetRegistries: string[], problems: Problem[]): Login[] {
  const listed = listedLogins(settings, problems)
  const registries = [...new Set(targetRegistries)]
  return [
    ...mainLogin(settings, registries, listed, problems),
    ...listed,
    ...googleLogins(settings, registries),
  ]
}

/** The host of a registry as written in a login, as references use it: without scheme and path, and with aliases resolved. */
export function registryHost(written: string): string {
  const host = written
    .trim()
    .replace(/^https?:\/\//i, '')
    .replace(/^.*@/, '')
    .replace(/\/.*$/, '')
    .toLowerCase()
  return isHub(host) ? 'docker.io' : host
}

/** Whether this is one of the hosts of Docker Hub. */
export const isHub = (host: string): boolean => hubHosts.has(host)

/** What a `registry` setting puts before a repository: its host and, as in kaniko, its path. */
export function registryPrefix(written: string): string {
  const path = written
    .trim()
    .replace(/^https?:\/\//i, '')
    .replace(/^[^/]*/, '')
    .replace(/\/(?:v[12]\/?)?$/, '')
  return `${registryHost(written)}${path}`
}

/** Whether `registry` is the host of a `repo` that has none (kaniko's rule). */
export const isPrefix = (registry: string): boolean =>
  registryHost(registry) !== 'docker.io' && looksLikeHost(registryHost(registry))

/** Whether this is a host of Amazon ECR, where a login is made from AWS keys. */
const isAmazon = (host: string): boolean => /(?:^|\.)amazonaws\.com(?:\.cn)?$/.test(host)

/**
 * The login of `username` and `password`. It is for `registry`; if that is unset, for the only registry without an entry in
 * `logins`; if there are several, for Docker Hub, the default of the build plugins, provided one of the images is there.
 */
function mainLogin(settings: Settings, registries: string[], listed: Login[], problems: Problem[]): Login[] {
  const { username, password, registry } = settings
  if (username === undefined && password === undefined) return []
  if (username === undefined || password === undefined) {
    const missing = username === undefined ? 'username' : 'password'
    if (!problems.some(({ setting }) => settingFor(setting) === missing)) problems.push(halfProblem(missing))
    return []
  }
  const withoutLogin = registries.filter((host) => !listed.some((login) => login.registry === host))
  const hosts =
    registry !== undefined
      ? [registryHost(registry)]
      : withoutLogin.length > 1
        ? withoutLogin.filter(isHub)
        : withoutLogin
  if (hosts.length === 0 && withoutLogin.length > 0) {
    problems.push({
      setting: 'registry',
      message: `must name the registry of username and password, because the images are on several: ${withoutLogin.join(', ')} (or use logins)`,
      fix: { registry: withoutLogin[0] ?? '' },
    })
  }
  return hosts.map((host) => ({ registry: host, username, password, from: 'username and password' }))
}

const halfProblem = (missing: 'username' | 'password'): Problem => ({
  setting: missing,
  message: `is missing: ${missing === 'username' ? 'password' : 'username'} is set, and a login needs both`,
  fix: missing === 'username' ? { username: 'ci' } : { password: { secret: 'registry_password' } },
})

function listedLogins(settings: Settings, problems: Problem[]): Login[] {
  if (settings.logins === undefined) return []
  const expected = 'must be a YAML or JSON list of {registry, username, password}'
  try {
    const parsed = shape.safeParse(JSON.parse(settings.logins))
    if (parsed.success) return parsed.data.flatMap((entry, index) => listedLogin(entry, index, problems))
    const path = parsed.error.issues[0]?.path ?? []
    const where = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('')
    problems.push({ setting: 'logins', message: where ? `${expected} (see logins${where})` : expected })
  } catch {
    problems.push({ setting: 'logins', message: `${expected}; this is neither` })
  }
  return []
}

/** plugin-docker-buildx also has entries without a login, for mirrors or AWS keys; those are skipped. */
function listedLogin(entry: Entry, index: number, problems: Problem[]): Login[] {
  const { registry = 'docker.io', username = '', password = '' } = entry
  if (!isRegistryAddress(registry)) {
    problems.push({ setting: `logins[${index}].registry`, value: registry, message: registryAddressRule })
    return []
  }
  if (username !== '' && password !== '') {
    return [{ registry: registryHost(registry), username, password, from: `logins[${index}]` }]
  }
  const isOtherEntry = 'mirrors' in entry || Object.keys(entry).some((key) => key.startsWith('aws_'))
  if (isOtherEntry && username === '' && password === '') return []
  const missing = username === '' ? 'username' : 'password'
  const message = entry[missing] === undefined ? 'is missing' : `is empty: ${emptySecretReason}`
  problems.push({ setting: `logins[${index}].${missing}`, message })
  return []
}

function googleLogins({ json_key: key }: Settings, registries: string[]): Login[] {
  if (key === undefined) return []
  return registries
    .filter((host) => /(?:^|\.)gcr\.io$|-docker\.pkg\.dev$/.test(host))
    .map((registry) => ({ registry, username: '_json_key', password: key, from: 'json_key' }))
}

/** A note for an ECR image that has AWS keys but no login: regguard does not exchange the keys for one. */
export function amazonNote(
  given: Iterable<string>,
  settings: Settings,
  registries: string[],
  logins: Login[],
): string | undefined {
  const hasKeys = [...given].includes('aws_access_key_id') || settings.logins?.includes('aws_access_key_id')
  const host = registries.find((one) => isAmazon(one) && !logins.some(({ registry }) => registry === one))
  if (!hasKeys || host === undefined) return undefined
  return `the AWS keys are not used: for ${host}, set “username: AWS”, and as the password use the output of “aws ecr get-login-password”`
}
