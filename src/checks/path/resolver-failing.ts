import type { Fault } from '../../core/finding.ts'
import type { LookupState, NameFact, NamesFact, ResolverAnswer } from '../../facts/path/names.ts'
import { answerLine, libcLine } from '../../facts/queries/path/name-text.ts'
import { deathOf, namesFromDns, verdictOf } from '../../facts/queries/path/resolver-state.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'resolver-failing',
  group: 'path',
  title: 'no DNS server answers with an error',
  fault: 'DNS server error: a DNS server answers, but not with what the name lookup needs.',
  severity: 'warning',
  advice: 'Query the server by hand with “dig @SERVER HOST”, and read its log.',
  covers: ['name-not-resolved', 'lookup-failed'],
  reads: ['path.names'],
  run: ({ path: { names } }) => {
    if (!names) return []
    return namesFromDns(names)
      .filter(isAskedAsItIs)
      .flatMap((name) =>
        answersInUse(name, names)
          .filter((answer) => !isOnlySlow(name, answer, names))
          .flatMap((answer) => faultOf(name, answer)),
      )
  },
})

/** Not found with a search domain: then nothing depends on the answers for the name alone, as for names of Kubernetes services. */
const isAskedAsItIs = ({ libc, searched }: NameFact): boolean =>
  libc.state !== 'found' || !searched.some((answer) => verdictOf(answer) === 'found')

/** A lookup of libc that ended meanwhile did not wait for this server. */
const isOnlySlow = ({ libc }: NameFact, { ipv4, ipv6 }: ResolverAnswer, { limitMs }: NamesFact): boolean =>
  libc.state === 'found' && libc.ms < limitMs && [ipv4, ipv6].some(({ state }) => state === 'silent')

/** The answers up to the first with addresses: libc asks no server after it. */
function answersInUse(name: NameFact, names: NamesFact): ResolverAnswer[] {
  const answers = name.answers.filter(({ resolver }) => deathOf(resolver, names) === undefined)
  const first = answers.findIndex((answer) => verdictOf(answer) === 'found')
  return first === -1 ? answers : answers.slice(0, first + 1)
}

/** What each fault means. `silent`: the server answered other questions. */
const texts: Partial<Record<LookupState, { text: string; advice: string }>> = {
  'server-failed': {
    text: 'server failure (SERVFAIL): the servers it depends on do not answer it, or DNSSEC validation fails',
    advice:
      'Check that this DNS server reaches its upstream servers, and with “dig +cd @SERVER HOST” whether DNSSEC is the reason.',
  },
  refused: {
    text: 'query refused (REFUSED): it does not serve this client or this name',
    advice: 'Allow this network to query the DNS server (allow-query, access-control), or configure another.',
  },
  silent: {
    text: 'no answer in time, though it answers other queries',
    advice:
      'Check that this DNS server reaches the servers of this name’s domain, and that no firewall drops its answers.',
  },
  garbage: {
    text: 'what it sends is not a DNS response to the query',
    advice: 'Check what listens on port 53 of this address: it is not a working DNS server.',
  },
  truncated: {
    text: 'truncated response over UDP, and no complete one over TCP',
    advice:
      'Allow TCP port 53 to this DNS server: answers that do not fit into a UDP packet are repeated over TCP.',
  },
  'cname-loop': {
    text: 'CNAME loop: the aliases of the name lead back to themselves',
    advice: 'Correct the CNAME records of this name: the last one must lead to a name with addresses.',
  },
}

/** What the failure of the question for IPv6 addresses alone means. */
const onlyIpv6: Partial<Record<LookupState, string>> = {
  'server-failed': 'SERVFAIL for AAAA alone: musl then fails the whole lookup',
  refused: 'REFUSED for AAAA alone: musl then fails the whole lookup',
  'no-such-name': 'NXDOMAIN for AAAA, though the name has an IPv4 address: musl then finds no address',
  silent: 'no answer to AAAA alone: every lookup waits for it',
}

const ipv6Advice =
  'Correct the server of this name’s domain: for a name without IPv6 addresses it must answer AAAA with an empty NOERROR response.'

function faultOf(name: NameFact, answer: ResolverAnswer): Fault[] {
  const { ipv4, ipv6, resolver } = answer
  const about = {
    subject: resolver,
    evidence: [answerLine(name.name, answer), libcLine(name)],
    explains: [name.name],
    severity: name.libc.state === 'found' ? ('warning' as const) : ('error' as const),
  }
  const found = texts[ipv4.state]
  if (found)
    return [
      {
        ...about,
        message: `${name.name}: ${found.text}`,
        advice: found.advice.replace('SERVER', resolver).replace('HOST', name.name),
        cause: `${resolver} ${ipv4.state}`,
      },
    ]
  const text = ipv4.state === 'found' ? onlyIpv6[ipv6.state] : undefined
  if (text === undefined) return []
  return [{ ...about, message: `${name.name}: ${text}`, advice: ipv6Advice, cause: `${resolver} AAAA` }]
}
