import type { IpsetFact, RulesFact } from '../../runner.ts'
import type { Element, Key, Step } from './model.ts'
import type { Packet } from './packet.ts'
import { addressPattern, protocolNumber, rangePattern } from './values.ts'

/** The sets that rules of iptables name, by name. */
export type Ipsets = ReadonlyMap<string, IpsetFact>

const knownParts = new Set(['ip', 'net', 'port', 'iface'])
const partNames = (type: string): string[] => type.slice(type.indexOf(':') + 1).split(',')
const isKnown = (type: string): boolean => partNames(type).every((name) => knownParts.has(name))
const isException = (element: string): boolean => / nomatch\b/.test(element)

/** Why it may not be known what a set matches; undefined where it is. */
export function whyNotEvaluated(name: string, ipsets: RulesFact['ipsets']): string | undefined {
  const set = ipsets?.sets.find((one) => one.name === name)
  if (!set) return ipsets?.unread === undefined ? 'not read' : `not read, ${ipsets.unread}`
  if (!isKnown(set.type)) return `sets of the type ${set.type} are not evaluated`
  if (set.elements.some(isException)) return 'sets with exceptions (nomatch) are not evaluated'
  return set.incomplete ? 'too large to be read as a whole' : undefined
}

/** What a match may say next to the set without changing what matches. */
const plainOptions = new Set(['!', '--return-nomatch', '--update-counters', '--update-subcounters'])

/** `-m set [!] --match-set NAME FLAGS` (xt_set.c, ip_set_core.c): a set of other addresses or with more parts matches nothing. */
export function setSteps(options: string[], family: Packet['family'], sets: Ipsets): Step[] {
  const at = options.indexOf('--match-set')
  const [name = '', flags = ''] = options.slice(at + 1)
  const rest = options.filter((_, one) => one < at || one > at + 2)
  const set = sets.get(name)
  if (set === undefined || !isReadable(set) || !rest.every((one) => plainOptions.has(one)))
    return [{ kind: 'unknown', text: `--match-set ${name} ${flags}` }]
  const negated = options[at - 1] === '!'
  const parts = partsOf(set, flags.split(','), family)
  return [
    {
      ...{ kind: 'match', keys: parts.flatMap(({ keys }) => keys), negated },
      elements: parts.length > 0 ? set.elements.map((element) => elementOf(element, parts)) : [],
      incomplete: set.incomplete === true && parts.length > 0,
      ...(negated ? { holdsWithout: true } : {}),
    },
  ]
}

const isReadable = ({ type, elements }: IpsetFact): boolean => isKnown(type) && !elements.some(isException)

/** One part of an element: what it is compared with, and how it is written. */
interface Part {
  keys: Key[]
  read: (text: string, words: string[]) => Element['patterns']
}

/** The parts of a set's elements; none where packets of this family, or matches with so few flags, are never in it. */
function partsOf(set: IpsetFact, flags: string[], family: Packet['family']): Part[] {
  const names = partNames(set.type)
  if ((set.family ?? family) !== family || flags.length < names.length) return []
  return names.map((name, at) => partOf(name, { set, family, isSource: flags[at] === 'src' }))
}

function partOf(
  name: string,
  { set, family, isSource }: { set: IpsetFact; family: Packet['family']; isSource: boolean },
): Part {
  if (name === 'iface') return { keys: [{ field: isSource ? 'iif' : 'oif' }], read: readInterface }
  if (name === 'port') {
    const key: Key = { field: isSource ? 'sport' : 'dport' }
    return set.type.startsWith('bitmap:')
      ? { keys: [key], read: (text) => [rangePattern(text, '-') ?? 'unknown'] }
      : { keys: [{ field: 'protocol' }, key], read: readPort }
  }
  const suffix = name === 'ip' && set.netmask !== undefined ? `/${set.netmask}` : ''
  const version = family === 'ip' ? '4' : '6'
  return {
    keys: [{ field: isSource ? `saddr${version}` : `daddr${version}` }],
    read: (text) => [addressPattern(`${text}${suffix}`) ?? 'unknown'],
  }
}

/** `docker0`, or with the option `wildcard` the beginning of a name; `physdev:eth0` is a port of a bridge. */
function readInterface(text: string, words: string[]): Element['patterns'] {
  if (text.startsWith('physdev:')) return ['unknown']
  return [{ text, prefix: words.includes('wildcard') }]
}

/** `tcp:80`, or for ICMP a name. */
function readPort(text: string): Element['patterns'] {
  const [protocol = '', port = ''] = text.split(':')
  const number = protocolNumber(protocol)
  return [
    number === undefined ? 'unknown' : { first: number, last: number },
    rangePattern(port, '-') ?? 'unknown',
  ]
}

function elementOf(element: string, parts: Part[]): Element {
  const [main = '', ...words] = element.split(' ')
  const texts = main.split(',')
  return { patterns: parts.flatMap(({ read }, at) => read(texts[at] ?? '', words)) }
}
