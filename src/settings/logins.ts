import * as z from 'zod'
import { looksLikeHost } from '../oci/reference.ts'
import type { Problem } from './problem.ts'
import type { Settings } from './schema.ts'

/** A user name and a password for one registry. `from` names the setting, for messages. */
export interface Login {
  registry: string
  username: string
  password: string
  from: string
}

const hubHosts = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io', 'registry.hub.docker.com'])
const shape = z.array(
  z.object({ registry: z.string().optional(), username: z.string().min(1), password: z.string().min(1) }),
)

/**
 * The logins that the settings give: `username` and `password` for `registry` (or, without one, for the
 * only registry among the targets), and every entry of `logins`.
 */
export function loginsOf(settings: Settings, targetRegistries: string[], problems: Problem[]): Login[] {
  return [...mainLogin(settings, targetRegistries, problems), ...listedLogins(settings, problems)]
}

/** A registry as users write it for a login, as the host that references use: no scheme, path or alias. */
export function registryHost(written: string): string {
  const host = written
    .trim()
    .replace(/^https?:\/\//i, '')
    .replace(/^.*@/, '')
    .replace(/\/.*$/, '')
    .toLowerCase()
  return hubHosts.has(host) ? 'docker.io' : host
}

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

function mainLogin(settings: Settings, targetRegistries: string[], problems: Problem[]): Login[] {
  const { username, password, registry } = settings
  if (username === undefined && password === undefined) return []
  if (username === undefined || password === undefined) {
    const [given, missing] = username === undefined ? ['password', 'username'] : ['username', 'password']
    problems.push({ setting: missing ?? '', message: `is not set, but ${given} is; a login needs both` })
    return []
  }
  const hosts = registry === undefined ? [...new Set(targetRegistries)] : [registryHost(registry)]
  if (hosts.length > 1) {
    problems.push({
      setting: 'registry',
      message: `must name the registry that username and password are for; the images are on ${hosts.join(', ')} (or use logins)`,
    })
    return []
  }
  return hosts.map((host) => ({ registry: host, username, password, from: 'username and password' }))
}

function listedLogins(settings: Settings, problems: Problem[]): Login[] {
  if (settings.logins === undefined) return []
  const form = 'must be a list of {registry, username, password}, written as YAML or JSON'
  try {
    const parsed = shape.safeParse(JSON.parse(settings.logins))
    if (parsed.success) {
      return parsed.data.map((login, index) => ({
        registry: registryHost(login.registry ?? 'docker.io'),
        username: login.username,
        password: login.password,
        from: `logins[${index}]`,
      }))
    }
    const issue = parsed.error.issues[0]
    const where =
      issue && issue.path.length > 0
        ? ` (see logins${issue.path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('')})`
        : ''
    problems.push({ setting: 'logins', message: `${form}${where}` })
  } catch {
    problems.push({ setting: 'logins', message: `${form}; this is no valid JSON` })
  }
  return []
}
