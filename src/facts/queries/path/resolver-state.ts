import type { LookupFact, NameFact, NamesFact, ResolverAnswer, ResolverConfig } from '../../path/names.ts'

/**
 * What a resolver says of a name, both families together. `unknown`: it answers that there is no such name, or no address;
 * `failed`: it answers with an error, or with nothing usable; `no-answer`: it does not answer.
 */
export type Verdict = 'found' | 'unknown' | 'failed' | 'no-answer'

const noAnswer = new Set(['silent', 'closed', 'unreachable'])
const unknown = new Set(['no-such-name', 'no-data'])

const isUnanswered = ({ state }: LookupFact): boolean => noAnswer.has(state)

/** What an answer amounts to. */
export function verdictOf({ ipv4, ipv6 }: Pick<ResolverAnswer, 'ipv4' | 'ipv6'>): Verdict {
  if (ipv4.state === 'found' || ipv6.state === 'found') return 'found'
  if (unknown.has(ipv4.state) || ipv6.state === 'no-such-name') return 'unknown'
  return isUnanswered(ipv4) && isUnanswered(ipv6) ? 'no-answer' : 'failed'
}

/** The addresses of both families. */
export const addressesIn = ({ ipv4, ipv6 }: ResolverAnswer): string[] => [
  ...ipv4.addresses,
  ...ipv6.addresses,
]

/** The answer of one resolver for a name, if it was asked. */
export const answerOf = ({ answers }: NameFact, resolver: string): ResolverAnswer | undefined =>
  answers.find((answer) => answer.resolver === resolver)

/** How a resolver is dead: it answered nothing at all. Undefined for one that did. */
export function deathOf(resolver: string, { names, resolvers }: NamesFact): DeathState | undefined {
  const localhost = resolvers.find(({ address }) => address === resolver)?.localhost
  const answers = names.flatMap((name) => answerOf(name, resolver) ?? [])
  const lookups = [...(localhost ? [localhost] : []), ...answers.flatMap(({ ipv4, ipv6 }) => [ipv4, ipv6])]
  if (lookups.length === 0 || !lookups.every(isUnanswered)) return undefined
  // A port that was closed once is closed: its packets arrive, and are refused.
  for (const state of ['closed', 'unreachable'] as const)
    if (lookups.some((one) => one.state === state)) return state
  return 'silent'
}
export type DeathState = 'silent' | 'closed' | 'unreachable'

/**
 * How long glibc waits for a silent server at this position before it asks the next: `timeout` for the first, and a share of the
 * doubled time for later ones (`res_send.c`). A closed port or a missing route costs nothing.
 */
export function glibcWaitMs({ servers, timeoutMs }: ResolverConfig, position: number): number {
  const asked = Math.min(servers.length, 3)
  const seconds = Math.floor((timeoutMs / 1000) * 2 ** position)
  return Math.max(1, position > 0 ? Math.floor(seconds / asked) : seconds) * 1000
}

/** How long glibc takes to fail where no server answers: all of them in turn, `attempts` times. */
export const glibcTotalMs = (config: ResolverConfig): number =>
  config.attempts *
  config.servers.slice(0, 3).reduce((sum, _server, position) => sum + glibcWaitMs(config, position), 0)

/** Names whose lookup needs a resolver: the hosts file does not answer them. */
export const namesFromDns = ({ names }: NamesFact): NameFact[] =>
  names.filter(({ pins }) => pins.length === 0)

/** The servers that answer in the end: behind Docker's own resolver and the stub of systemd-resolved, where these are known. */
export function lastServers({ resolvers, config }: NamesFact): string[] {
  const of = (...layers: string[]) =>
    resolvers.filter(({ layer }) => layers.includes(layer)).map(({ address }) => address)
  const behind = [...of('upstream', 'uplink'), ...(config?.hostUpstream ?? [])]
  return behind.length > 0 ? behind : of('configured')
}
