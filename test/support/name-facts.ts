import type { Failure } from '../../src/core/failure.ts'
import type { LegAddressFact } from '../../src/facts/path/leg.ts'
import type {
  LookupFact,
  LookupState,
  NameFact,
  NamesFact,
  ResolverAnswer,
} from '../../src/facts/path/names.ts'
import { type Change, registry, withBlob } from './facts.ts'

const found = (...addresses: string[]): LookupFact => ({ state: 'found', addresses, ms: 2 })
const without = (state: LookupState, ms = 2): LookupFact => ({ state, addresses: [], ms })

/** What a resolver says of a name: addresses, or the state of both questions, or one for each of them. */
export type Said = string[] | LookupState | { ipv4: string[] | LookupState; ipv6: string[] | LookupState }

const lookupOf = (said: string[] | LookupState): LookupFact =>
  typeof said === 'string' ? without(said, said === 'silent' ? 2000 : 2) : found(...said)

/** The answer of a resolver. IPv4 addresses alone leave no data for IPv6. */
export function answerOf(resolver: string, said: Said): ResolverAnswer {
  if (typeof said === 'string') return { resolver, ipv4: lookupOf(said), ipv6: lookupOf(said) }
  if (!Array.isArray(said)) return { resolver, ipv4: lookupOf(said.ipv4), ipv6: lookupOf(said.ipv6) }
  return { resolver, ipv4: found(...said), ipv6: without('no-data') }
}

/** A name with what each resolver says of it; libc says what the first one with an answer does, unless `more` has it. */
export function nameOf(
  name: string,
  said: Record<string, Said>,
  more: Partial<Omit<NameFact, 'name' | 'answers'>> = {},
): NameFact {
  const answers = Object.entries(said).map(([resolver, one]) => answerOf(resolver, one))
  const first = answers.find(({ ipv4 }) => !['silent', 'closed', 'unreachable'].includes(ipv4.state))
  return {
    name,
    uses: ['registry'],
    libc: first?.ipv4 ?? without('silent', 10_000),
    pins: [],
    searched: [],
    dialled: [],
    ...more,
    answers,
  }
}

/** Names, with the resolvers that answer them in their order; one that answers nothing is silent for localhost too. */
export function namesOf(names: NameFact[], more: Partial<NamesFact> = {}): NamesFact {
  const servers = [...new Set(names.flatMap(({ answers }) => answers.map(({ resolver }) => resolver)))]
  return {
    libc: 'glibc',
    config: {
      file: '/etc/resolv.conf',
      servers,
      invalid: [],
      search: [],
      ndots: 1,
      timeoutMs: 5000,
      attempts: 2,
      rotate: false,
      hostUpstream: [],
    },
    resolvers: servers.map((address) => ({
      address,
      layer: 'configured',
      from: '/etc/resolv.conf',
      localhost: localhostOf(names, address),
    })),
    names,
    limitMs: 2000,
    ...more,
  }
}

function localhostOf(names: NameFact[], resolver: string): LookupFact {
  const states = names.flatMap(({ answers }) =>
    answers.filter((one) => one.resolver === resolver).map(({ ipv4 }) => ipv4.state),
  )
  const [state = 'silent'] = states
  return states.every((one) => one === state) && ['silent', 'closed', 'unreachable'].includes(state)
    ? without(state)
    : without('no-such-name')
}

/** Facts with these names. */
export const withNames =
  (names: NameFact[], more: Partial<NamesFact> = {}): Change =>
  (facts) => {
    facts.path.names = namesOf(names, more)
  }

/** An address that answers over TLS, with the certificate of this name and hash. */
export const alive = (address: string, sha256 = 'aa', status = 401): LegAddressFact => ({
  address,
  attempts: [{ at: 0, phases: { connect: 5, tls: 8, headers: 3 }, status }],
  certificate: {
    subject: registry,
    issuer: 'Example CA',
    names: [registry],
    validFrom: 0,
    validTo: 1,
    sha256,
  },
})

/** An address that does not accept connections. */
export const dead = (address: string): LegAddressFact => ({
  address,
  attempts: [{ at: 0, phases: { connect: 5000 }, failure: connectionFailure(address) }],
})

const connectionFailure = (address: string): Failure => ({
  kind: 'connection-timeout',
  host: registry,
  phase: 'connect',
  detail: `no answer from ${address}`,
  evidence: [],
  addresses: [address],
})

/** Adds a layer that was not observed because this address did not answer. */
export const withDeadAddress = (address: string): Change =>
  withBlob('base layer', { seen: false, why: connectionFailure(address) })

/** The time of the connection to the registry. */
export const withConnection =
  (connect: number): Change =>
  (facts) => {
    facts.path.log.push({
      ...{ method: 'GET', url: `https://${registry}/v2/team/app/manifests/1.2`, role: 'registry', at: 0 },
      ...{ http2: false, phases: { connect }, attempt: 0, status: 200 },
    })
  }
