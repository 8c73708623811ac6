import { durationText } from '../../../core/units.ts'
import type { LookupFact, LookupState, NameFact, ResolverAnswer, ResolverConfig } from '../../path/names.ts'
import { addressesIn, verdictOf } from './resolver-state.ts'

/** Each state of a lookup, as the end of “SERVER answers for NAME: …”. */
export const stateText: Record<LookupState, string> = {
  found: 'found',
  'no-such-name': 'no such name (NXDOMAIN)',
  'no-data': 'no address',
  'server-failed': 'server failure (SERVFAIL)',
  refused: 'query refused (REFUSED)',
  silent: 'no answer',
  closed: 'connection refused',
  unreachable: 'no route',
  garbage: 'not a DNS response',
  truncated: 'truncated, and no complete answer over TCP',
  'cname-loop': 'CNAME loop',
  'not-valid': 'not a valid DNS name',
}

/** The first addresses of a list. */
export function addressesText(addresses: string[]): string {
  const more = addresses.length - maxAddresses
  return `${addresses.slice(0, maxAddresses).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}
const maxAddresses = 3

const lookupText = ({ state, addresses }: LookupFact): string =>
  state === 'found' ? addressesText(addresses) : stateText[state]

/** What a resolver says of a name: its addresses, or why it has none. */
export function answerText(answer: ResolverAnswer): string {
  if (verdictOf(answer) === 'found') return addressesText(addressesIn(answer))
  const { ipv4, ipv6 } = answer
  return ipv4.state === ipv6.state ? lookupText(ipv4) : `${lookupText(ipv4)}; IPv6: ${lookupText(ipv6)}`
}

/** `10.0.0.53 answers for registry.example.com: 10.0.0.5`. */
export const answerLine = (name: string, answer: ResolverAnswer): string =>
  `${answer.resolver} ${verdictOf(answer) === 'no-answer' ? 'asked' : 'answers'} for ${name}: ${answerText(answer)}`

/** What libc makes of a name, and how long it takes. */
export const libcLine = ({ name, libc, pins }: NameFact): string =>
  `${pins.length > 0 ? 'hosts file' : 'libc'} for ${name}: ${lookupText(libc)} (${durationText(libc.ms)})`

const ordinals = ['first', 'second', 'third']

/** `first of 2 DNS servers`. */
export const ordinalText = (position: number, of: number): string =>
  of === 1 ? 'only DNS server' : `${ordinals[position]} of ${of} DNS servers`

/** `first of 2 DNS servers in /etc/resolv.conf`. */
export const placeText = ({ servers, file }: ResolverConfig, position: number): string =>
  `${ordinalText(position, servers.length)} in ${file}`
