import { parseRepository, type Repository } from '../../oci/reference.ts'
import type { Problem } from '../problem.ts'
import type { Settings } from '../schema.ts'
import type { Env } from '../sources.ts'
import { listenAt } from './listen.ts'
import { type Login, loginsOf, registryHost } from './logins.ts'

/** One registry to watch. */
export interface WatchedScope extends Pick<Repository, 'registry' | 'apiHost'> {
  /** Whether its catalog is listed; otherwise `repositories` names all. */
  catalog: boolean
  /** Names in which `*` stands for any text; none means all that the catalog lists. */
  repositories: string[]
}

/** What a watch looks at, and what it serves. */
export interface WatchPlan {
  scopes: WatchedScope[]
  /** Tags in which `*` stands for any text; none means all. */
  tags: string[]
  newestTags: number
  shard: { index: number; total: number }
  logins: Login[]
  listen: { host: string; port: number } | undefined
  pushgateway: URL | undefined
  pushJob: string
  heartbeat: URL | undefined
  /** How much is hashed in one run. */
  hashBytes: number
}

/** Plans a watch, or reports every problem at once, including the `earlier` ones. */
export function planWatch(
  settings: Settings,
  earlier: Problem[],
  { env, hostName }: { env: Env; hostName: string },
): { ok: true; value: WatchPlan } | { ok: false; problems: Problem[] } {
  const problems = [...earlier]
  const scopes = scopesOf(settings, problems)
  const plan: WatchPlan = {
    ...{ scopes, tags: settings.tags, newestTags: settings.newest_tags },
    shard: shardIn(settings, env, hostName, problems),
    logins: loginsOf(
      settings,
      scopes.map(({ registry }) => registry),
      problems,
    ),
    listen: settings.once ? undefined : listenAt(settings.listen, problems),
    pushgateway: urlOf('pushgateway', settings.pushgateway, problems),
    pushJob: settings.push_job ?? 'regguard',
    heartbeat: urlOf('heartbeat_url', settings.heartbeat_url, problems),
    hashBytes: hashBytesOf(settings, problems),
  }
  checkMirror(settings, plan, problems)
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value: plan }
}

function scopesOf(settings: Settings, problems: Problem[]): WatchedScope[] {
  const { registry, repo } = settings
  const named =
    settings.registries.length > 0 ? settings.registries : registry === undefined ? [] : [registry]
  const scopes = new Map<string, WatchedScope>()
  for (const written of named) addRegistry(scopes, written, settings, problems)
  const [only] = scopes.size === 1 ? [...scopes.values()] : []
  for (const one of repo) addRepository(scopes, one, only, problems)
  if (scopes.size === 0 && problems.length === 0)
    problems.push({
      setting: 'registries',
      message: 'nothing to watch: name at least one registry, or a repository in repo',
      fix: { registries: ['registry.example.com'] },
    })
  return [...scopes.values()].map((scope) => {
    const hasPattern = scope.repositories.some((name) => name.includes('*'))
    return { ...scope, catalog: scope.repositories.length === 0 || hasPattern }
  })
}

function addRegistry(
  scopes: Map<string, WatchedScope>,
  written: string,
  { registries }: Settings,
  problems: Problem[],
): void {
  const setting = registries.length > 0 ? 'registries' : 'registry'
  const host = registryHost(written)
  const parsed = parseRepository(`${host}/x`)
  if (!parsed.ok || host === '' || (parsed.value.registry !== host && host !== 'docker.io')) {
    problems.push({
      setting,
      value: written,
      message: 'must be the host of a registry: registry.example.com',
    })
    return
  }
  const { registry, apiHost } = parsed.value
  scopes.set(registry, { registry, apiHost, catalog: true, repositories: [] })
}

/** `*` is allowed in the path; a registry must not be a pattern. */
function addRepository(
  scopes: Map<string, WatchedScope>,
  written: string,
  only: WatchedScope | undefined,
  problems: Problem[],
): void {
  const invalid = (why: string) =>
    problems.push({ setting: 'repo', value: written, message: `cannot be watched: ${why}` })
  // A name without a host belongs to the registry that is watched; with several of them it would be Docker Hub's.
  const first = written.includes('/') ? written.slice(0, written.indexOf('/')) : ''
  const hasHost = /[.:]/.test(first) || first === 'localhost'
  if (/^https?:/.test(written)) return void invalid('write it without http(s)://')
  if (first.includes('*') && hasHost) return void invalid('the registry must be named in full')
  if (/[@]|:[^/]*$/.test(hasHost ? written.slice(first.length) : written))
    return void invalid('a repository has neither a tag nor a digest here; write tags on their own')
  const name = hasHost || only === undefined ? written : `${only.registry}/${written}`
  const parsed = parseRepository(name.replace(/\*+/g, 'x'))
  if (!parsed.ok) return void invalid(parsed.problem)
  const { registry, apiHost, repository } = parsed.value
  if (registry === 'docker.io' && name.includes('*'))
    return void invalid('Docker Hub lists no repositories, so each must be named in full')
  const path = name.includes('*') ? name.slice(name.indexOf('/') + 1) : repository
  const scope = scopes.get(registry) ?? { registry, apiHost, catalog: false, repositories: [] }
  scope.repositories.push(path)
  scopes.set(registry, scope)
}

/** The catalog of Docker Hub does not exist; a mirror is asked only for what is named in full. */
function checkMirror({ mirror }: Settings, { scopes, tags }: WatchPlan, problems: Problem[]): void {
  for (const { registry, catalog } of scopes)
    if (registry === 'docker.io' && catalog)
      problems.push({
        setting: 'repo',
        message: 'must name the repositories to watch on Docker Hub, which lists none',
        fix: { repo: ['docker.io/team/app'] },
      })
  if (!mirror) return
  if (scopes.some(({ catalog }) => catalog) || tags.length === 0 || tags.some((tag) => tag.includes('*')))
    problems.push({
      setting: 'mirror',
      message:
        'needs repo and tags without *: a pull-through cache fetches whatever it is asked for, so only what is named is asked for',
      fix: { repo: ['mirror.example.com/library/alpine'], tags: ['3.20'] },
    })
}

function shardIn(
  { shard, shards: total }: Settings,
  env: Env,
  hostName: string,
  problems: Problem[],
): WatchPlan['shard'] {
  if (total === 1) {
    if (shard !== undefined)
      problems.push({ setting: 'shard', value: shard, message: 'needs shards, the number of all parts' })
    return { index: 0, total }
  }
  const text = shard ?? env.JOB_COMPLETION_INDEX ?? /-(\d+)$/.exec(hostName)?.[1]
  const index = text === undefined ? Number.NaN : Number(text)
  if (text === undefined || !/^\d+$/.test(text) || index >= total)
    problems.push({
      setting: 'shard',
      ...(text === undefined ? {} : { value: text }),
      message:
        text === undefined
          ? 'is unknown: there is no JOB_COMPLETION_INDEX, and the host name does not end in a number'
          : `must be a number from 0 to ${total - 1}`,
    })
  return { index, total }
}

function urlOf(
  setting: 'pushgateway' | 'heartbeat_url',
  written: string | undefined,
  problems: Problem[],
): URL | undefined {
  if (written === undefined) return undefined
  const url = /^https?:\/\/[^/]/i.test(written) && URL.canParse(written) ? new URL(written) : undefined
  if (url && isDecodable(url.username) && isDecodable(url.password)) return url
  // Where the login of what is no URL begins and ends cannot be told.
  const value = setting === 'heartbeat_url' || written.includes('@') ? {} : { value: written }
  const message = url
    ? 'has a login with a % that is no escape: write it as %25'
    : 'must be a URL that begins with http:// or https://'
  problems.push({ setting, ...value, message })
  return undefined
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}

function hashBytesOf({ hash_budget: budget }: Settings, problems: Problem[]): number {
  if (budget === undefined) return 0
  if ('bytes' in budget) return budget.bytes
  problems.push({ setting: 'hash_budget', message: 'must be a size with mode: watch, like 2GB' })
  return 0
}
