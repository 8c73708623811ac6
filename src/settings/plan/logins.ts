import * as z from 'zod'
import { looksLikeHost } from '../../oci/reference.ts'
import { emptySecret } from '../empty-secrets.ts'
import { settingFor } from '../names.ts'
import type { Problem } from '../problem.ts'
import type { Settings } from '../schema.ts'

/** A user name and a password for one registry. `from` names the setting, for messages. */
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
 * The logins that the settings give: every entry of `logins`, `username` and `password`, and `json_key`.
 * `problems` may hold what was found before: of a setting that is told already nothing more is said.
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

/** A registry as users write it for a login, as the host that references use: no scheme, path or alias. */
export function registryHost(written: string): string {
  const host = written
    .trim()
    .replace(/^https?:\/\//i, '')
    .replace(/^.*@/, '')
    .replace(/\/.*$/, '')
    .toLowerCase()
  return isHub(host) ? 'docker.io' : host
}

/** True for the names of Docker Hub. */
export const isHub = (host: string): boolean => hubHosts.has(host)

/** What a `registry` setting puts before a repository: its host, and its path, as kaniko has it. */
export function registryPrefix(written: string): string {
  const path = written
    .trim()
    .replace(/^https?:\/\//i, '')
    .replace(/^[^/]*/, '')
    .replace(/\/(?:v[12]\/?)?$/, '')
  return `${registryHost(written)}${path}`
}

/** True when `registry` names a host that a `repo` without one belongs to (kaniko's rule). */
export const isPrefix = (registry: string): boolean =>
  registryHost(registry) !== 'docker.io' && looksLikeHost(registryHost(registry))

/** Amazon's registries, whose logins are made of keys; true for a host of them. */
export const isAmazon = (host: string): boolean => /(?:^|\.)amazonaws\.com(?:\.cn)?$/.test(host)

/**
 * `username` and `password` are for `registry`. Without one, they are for the only registry that no entry of `logins`
 * is for; where there are more, for Docker Hub, the default of the build plugins, if an image is there.
 */
function mainLogin(settings: Settings, registries: string[], listed: Login[], problems: Problem[]): Login[] {
  const { username, password, registry } = settings
  if (username === undefined && password === undefined) return []
  if (username === undefined || password === undefined) {
    const missing = username === undefined ? 'username' : 'password'
    if (!problems.some(({ setting }) => settingFor(setting) === missing)) problems.push(halfProblem(missing))
    return []
  }
  const open = registries.filter((host) => !listed.some((login) => login.registry === host))
  const hosts =
    registry !== undefined ? [registryHost(registry)] : open.length > 1 ? open.filter(isHub) : open
  if (hosts.length === 0 && open.length > 0) {
    problems.push({
      setting: 'registry',
      message: `must name the registry that username and password are for; the images are on ${open.join(', ')} (or use logins)`,
      fix: { registry: open[0] ?? '' },
    })
  }
  return hosts.map((host) => ({ registry: host, username, password, from: 'username and password' }))
}

const halfProblem = (missing: 'username' | 'password'): Problem => ({
  setting: missing,
  message: `is not set, but ${missing === 'username' ? 'password' : 'username'} is; a login needs both`,
  fix: missing === 'username' ? { username: 'ci' } : { password: { secret: 'registry_password' } },
})

function listedLogins(settings: Settings, problems: Problem[]): Login[] {
  if (settings.logins === undefined) return []
  const form = 'must be a list of {registry, username, password}, written as YAML or JSON'
  try {
    const parsed = shape.safeParse(JSON.parse(settings.logins))
    if (parsed.success) return parsed.data.flatMap((entry, index) => listedLogin(entry, index, problems))
    const path = parsed.error.issues[0]?.path ?? []
    const where = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('')
    problems.push({ setting: 'logins', message: where ? `${form} (see logins${where})` : form })
  } catch {
    problems.push({ setting: 'logins', message: `${form}; this is no valid JSON` })
  }
  return []
}

/** plugin-docker-buildx has entries without a login as well: with mirrors, or with keys of Amazon's. */
function listedLogin(entry: Entry, index: number, problems: Problem[]): Login[] {
  const { registry = 'docker.io', username = '', password = '' } = entry
  if (username !== '' && password !== '') {
    return [{ registry: registryHost(registry), username, password, from: `logins[${index}]` }]
  }
  const otherwise = 'mirrors' in entry || Object.keys(entry).some((key) => key.startsWith('aws_'))
  if (otherwise && username === '' && password === '') return []
  const missing = username === '' ? 'username' : 'password'
  const how = entry[missing] === undefined ? 'is missing' : `is empty; ${emptySecret}`
  problems.push({ setting: `logins[${index}].${missing}`, message: how })
  return []
}

function googleLogins({ json_key: key }: Settings, registries: string[]): Login[] {
  if (key === undefined) return []
  return registries
    .filter((host) => /(?:^|\.)gcr\.io$|-docker\.pkg\.dev$/.test(host))
    .map((registry) => ({ registry, username: '_json_key', password: key, from: 'json_key' }))
}

/** What to say where only keys of Amazon's would log in; regguard does not trade them for a login. */
export function amazonNote(
  given: Iterable<string>,
  settings: Settings,
  registries: string[],
  logins: Login[],
): string | undefined {
  const keys = [...given].includes('aws_access_key_id') || settings.logins?.includes('aws_access_key_id')
  const host = registries.find((one) => isAmazon(one) && !logins.some(({ registry }) => registry === one))
  if (!keys || host === undefined) return undefined
  return `the AWS keys are not used: for ${host} give “username: AWS” and, as password, what “aws ecr get-login-password” prints`
}
