import type { Fault, Severity } from '../../core/finding.ts'
import { durationText } from '../../core/units.ts'
import type { NameFact, NamesFact, ResolverConfig, ResolverFact } from '../../facts/path/names.ts'
import { answerLine, libcLine, ordinalText, placeText } from '../../facts/queries/path/name-text.ts'
import {
  answerOf,
  type DeathState,
  deathOf,
  glibcTotalMs,
  glibcWaitMs,
  namesFromDns,
  verdictOf,
} from '../../facts/queries/path/resolver-state.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'resolver-dead',
  group: 'path',
  title: 'every configured DNS server answers',
  fault: 'Dead DNS server: it does not answer, so name lookups wait for it or fail.',
  severity: 'warning',
  advice: 'Start this DNS server, or remove it from the configuration of the resolver.',
  covers: ['name-not-resolved', 'lookup-failed'],
  reads: ['path.names'],
  run: ({ path: { names } }) => {
    if (!names?.config || namesFromDns(names).length === 0) return []
    const { config } = names
    return layers.flatMap((layer) =>
      deadServers(layer, names)
        .filter((dead) => !isSkipped(dead, names))
        .map((dead) => faultOf(dead, names, config)),
    )
  },
})

/** Those that names are looked up with; the servers of files may be in use elsewhere. */
const layers: ResolverFact['layer'][] = ['configured', 'upstream', 'uplink']

function deadServers(layer: ResolverFact['layer'], names: NamesFact): DeadServer[] {
  const servers = names.resolvers
    .filter((one) => one.layer === layer)
    .map(({ address, from }, position) => ({ address, from, position, death: deathOf(address, names) }))
  const alive = servers.filter(({ death }) => death === undefined)
  return servers.flatMap(({ death, ...server }) =>
    death === undefined
      ? []
      : [
          {
            ...{ ...server, death, layer, of: servers.length },
            firstAlive: alive[0]?.position ?? servers.length,
            alive: alive.map((one) => one.address),
          },
        ],
  )
}

interface DeadServer {
  layer: ResolverFact['layer']
  address: string
  /** The file that names it. */
  from: string
  position: number
  /** How many servers its layer has. */
  of: number
  death: DeathState
  /** The position of the first server that answers, or past the last. */
  firstAlive: number
  /** The servers that answer. */
  alive: string[]
}

/** Without a route libc goes on to the next server at once: an IPv6 server, where this network has no IPv6. */
const isSkipped = (dead: DeadServer, names: NamesFact): boolean =>
  dead.death === 'unreachable' && severityOf(dead, names) === 'note'

const deathText: Record<DeathState, (limitMs: number) => string> = {
  silent: (limitMs) => `no answer within ${durationText(limitMs)}`,
  closed: () => 'connection refused: nothing listens on port 53',
  unreachable: () => 'no route to it',
}

function faultOf(dead: DeadServer, names: NamesFact, config: ResolverConfig): Fault {
  const { address, death, alive } = dead
  return {
    subject: address,
    severity: severityOf(dead, names),
    message: `${deathText[death](names.limitMs)}; it is the ${placeOf(dead, config)}`,
    because: costText(dead, config),
    evidence: [
      ...namesFromDns(names).flatMap((name) => stillAnswers(name, alive)),
      ...namesFromDns(names).map(libcLine),
    ].slice(0, 12),
    advice: `Start the DNS server at ${address}, or remove it from the configuration of the resolver. Check: dig @${address} ${namesFromDns(names)[0]?.name}`,
    cause: 'resolvers',
    explains: failingNames(names).map(({ name }) => name),
  }
}

/** What the servers that answer say of a name. */
const stillAnswers = (name: NameFact, alive: string[]): string[] =>
  alive.flatMap((resolver) => {
    const answer = answerOf(name, resolver)
    return answer ? [answerLine(name.name, answer)] : []
  })

/**
 * An error where a name has no address now and no server before this one has said that there is none. A warning where lookups wait
 * for the server, or none is left.
 */
function severityOf({ death, position, firstAlive, alive }: DeadServer, names: NamesFact): Severity {
  const isBefore = position < firstAlive
  const failing = failingNames(names)
  if (isBefore && failing.some((name) => alive.every((one) => !isFound(name, one)))) return 'error'
  return isBefore && (death === 'silent' || alive.length === 0) ? 'warning' : 'note'
}

const isFound = (name: NameFact, resolver: string): boolean => {
  const answer = answerOf(name, resolver)
  return answer !== undefined && verdictOf(answer) === 'found'
}

function placeOf({ layer, from, position, of }: DeadServer, config: ResolverConfig): string {
  if (layer === 'configured') return placeText(config, position)
  return `${ordinalText(position, of)} behind ${config.servers[0]} (${from})`
}

/** How the resolvers in front of other servers treat them: libnetwork's `extIOTimeout`, and resolved's switch to the next server. */
const behindText: Partial<Record<ResolverFact['layer'], string>> = {
  upstream: 'Docker’s own resolver asks it, and waits 4 s before it asks the next.',
  uplink: 'systemd-resolved asks it, and changes to another of its servers after a lookup without an answer.',
}

function costText({ layer, death, position, firstAlive, alive }: DeadServer, config: ResolverConfig): string {
  const behind = behindText[layer]
  if (behind !== undefined) return behind
  if (alive.length === 0)
    return `No configured DNS server answers: glibc gives up after ${durationText(glibcTotalMs(config))}, musl after ${durationText(config.timeoutMs)}; only the hosts file still gives addresses.`
  if (position > firstAlive)
    return 'A server before it answers, so no lookup waits for it; it is missing when that one fails.'
  const glibc =
    death === 'silent'
      ? `glibc waits ${durationText(glibcWaitMs(config, position))} for it in ${config.rotate ? 'some lookups' : 'every lookup'} before it asks ${alive[0]}`
      : `glibc asks ${alive[0]} instead without waiting`
  return `${glibc}; musl asks all servers at once and takes the first answer. Names that only ${config.servers[position]} knows are not found.`
}

/** Names that have no address now. */
const failingNames = (names: NamesFact): NameFact[] =>
  namesFromDns(names).filter(({ libc }) => libc.state !== 'found')
