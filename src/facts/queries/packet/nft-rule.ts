import { chosenIn, endpoint, portTarget } from './iptables-target.ts'
import type { Element, Elements, Field, Key, Pattern, Rule, Step, Translation } from './model.ts'
import { markSteps } from './nft-mark.ts'
import { selectorAt } from './nft-selector.ts'
import { asWhole, bracedElements, fieldPattern, verdictAt } from './nft-values.ts'
import { bitsIn, numberIn, tcpFlags } from './values.ts'
import { type NftWord, nftWords } from './words.ts'

/** The elements of the named set or map of a table; undefined where the table has none of that name. */
export type NamedSets = (name: string, fields: Field[]) => Elements | undefined

/** Parses a rule as `nft list` prints it. What it cannot read becomes an unknown match, up to the rule's verdict. */
export function parseNftRule(text: string, sets: NamedSets): Rule {
  const words = nftWords(text)
  const steps: Step[] = []
  let at = 0
  while (at < words.length) {
    const part = partAt(words, at, sets)
    if (part && part.length > 0) {
      steps.push(...part.steps)
      at += part.length
    } else {
      const end = nextVerdict(words, at + 1)
      const unread = words.slice(at, end).map((word) => word.text)
      steps.push(...(needs[unread[0] ?? ''] ?? []).map(needStep), { kind: 'unknown', text: unread.join(' ') })
      // What sets a mark may come after what could not be read.
      if (unread.includes('mark')) steps.push({ kind: 'mark', field: 'mark' })
      at = end
    }
  }
  return { text, steps }
}

interface Part {
  steps: Step[]
  length: number
}

const partAt = (words: NftWord[], at: number, sets: NamedSets): Part | undefined =>
  statementAt(words, at) ?? markSteps(words, at) ?? natAt(words, at) ?? matchAt(words, at, sets)

function nextVerdict(words: NftWord[], from: number): number {
  for (let at = from; at < words.length; at += 1) {
    const { text = '', quoted } = words[at] ?? {}
    if (
      !quoted &&
      /^(?:accept|drop|return|reject|jump|goto|queue|fwd|tproxy|synproxy|masquerade|dnat|snat|redirect)$/.test(
        text,
      )
    )
      return at
  }
  return words.length
}

/** Statements that decide, and those that only count, log or change what no other rule depends on. */
function statementAt(words: NftWord[], at: number): Part | undefined {
  const plain = verdictAt(words, at)
  if (plain) return { steps: [{ kind: 'verdict', verdict: plain.verdict }], length: plain.length }
  const { text, quoted } = words[at] ?? { text: '', quoted: true }
  if (quoted) return undefined
  const textAt = (offset: number) => words[at + offset]?.text
  switch (text) {
    case 'counter': {
      const named = textAt(1) === 'name' ? 3 : textAt(1) === 'packets' ? 5 : 1
      return { steps: [], length: named }
    }
    case 'comment':
      return { steps: [], length: 2 }
    case 'log':
      return { steps: [], length: optionsLength(words, at, logOptions) }
    case 'notrack':
      return { steps: [{ kind: 'untrack' }], length: 1 }
    case 'reject':
      return rejectAt(words, at)
    // A program decides; another device or a proxy of this host gets the packet; the kernel answers in place of the server.
    case 'queue':
    case 'fwd':
    case 'tproxy':
    case 'synproxy':
      return {
        steps: [{ kind: 'verdict', verdict: { kind: 'unknown', text } }],
        length: words.length - at,
      }
    case 'dup':
      return { steps: [], length: nextVerdict(words, at + 1) - at }
    case 'flow':
      return { steps: [], length: 3 }
    case 'tcp':
      // Clamping the segment size changes no verdict.
      return textAt(1) === 'option' && textAt(2) === 'maxseg' && textAt(4) === 'set'
        ? { steps: [], length: textAt(5) === 'rt' ? 7 : 6 }
        : undefined
    case 'meta':
      return textAt(2) === 'set' && /^(?:nftrace|priority|pkttype)$/.test(textAt(1) ?? '')
        ? { steps: [], length: 4 }
        : undefined
    default:
      return undefined
  }
}

const logOptions = new Set(['prefix', 'level', 'group', 'snaplen', 'queue-threshold', 'flags'])

function optionsLength(words: NftWord[], at: number, options: Set<string>): number {
  let length = 1
  for (;;) {
    const option = words[at + length]?.text ?? ''
    if (!options.has(option)) return length
    // `flags tcp sequence,options` and `flags ip options`, but `flags all`, `flags skuid` and `flags ether`.
    const hasProtocol = option === 'flags' && /^(?:tcp|ip)$/.test(words[at + length + 1]?.text ?? '')
    length += hasProtocol ? 3 : 2
  }
}

/**
 * `reject`, `reject with tcp reset`, `reject with icmp host-prohibited`, `reject with icmp type host-prohibited`. nft does not print
 * the family that a message of ICMP or ICMPv6 needs.
 */
function rejectAt(words: NftWord[], at: number): Part {
  const reject: Step = { kind: 'verdict', verdict: { kind: 'reject' } }
  if (words[at + 1]?.text !== 'with') return { steps: [reject], length: 1 }
  const needed = needs[words[at + 2]?.text ?? '']?.filter(({ field }) => field === 'nfproto') ?? []
  return {
    steps: [...needed.map(needStep), reject],
    length: words[at + 3]?.text === 'type' ? 5 : 4,
  }
}

interface Need {
  field: Field
  pattern: Pattern
}

const family = (text: string): Need => ({ field: 'nfproto', pattern: { text, prefix: false } })
const protocol = (number: bigint): Need => ({ field: 'protocol', pattern: { first: number, last: number } })

/** What a packet must be for anything that begins with this word. */
const needs: Record<string, Need[]> = {
  ip: [family('ipv4')],
  ip6: [family('ipv6')],
  icmp: [family('ipv4'), protocol(1n)],
  igmp: [family('ipv4'), protocol(2n)],
  icmpv6: [family('ipv6'), protocol(58n)],
  tcp: [protocol(6n)],
  udp: [protocol(17n)],
  dccp: [protocol(33n)],
  esp: [protocol(50n)],
  ah: [protocol(51n)],
  sctp: [protocol(132n)],
  udplite: [protocol(136n)],
  // No packet that is followed here is one of ARP.
  arp: [{ field: 'ethertype', pattern: { text: 'arp', prefix: false } }],
}

const needStep = ({ field, pattern }: Need): Step => ({
  kind: 'match',
  keys: [{ field }],
  elements: [{ patterns: [pattern] }],
  incomplete: false,
  negated: false,
})

const translated = (to: Translation): Step[] => [{ kind: 'verdict', verdict: { kind: 'translate', to } }]
const natFlags = new Set(['random', 'fully-random', 'persistent', ','])

/** `masquerade`, `redirect to :80`, `dnat ip to 10.0.0.2:80`; a target from a map or a range is unknown. */
function natAt(words: NftWord[], at: number): Part | undefined {
  const { text: what, quoted } = words[at] ?? { text: '', quoted: true }
  if (quoted || !/^(?:masquerade|redirect|dnat|snat)$/.test(what)) return undefined
  let length = 1
  if (/^ip6?$/.test(words[at + length]?.text ?? '')) length += 1
  let to: Translation = { what: what as Translation['what'] }
  if (words[at + length]?.text === 'to') {
    const target = words[at + length + 1]?.text ?? ''
    const end = endOfTarget(words, at + length + 1)
    const single = end === at + length + 2
    const isRandom = words.slice(end).some((word) => word.text === 'random' || word.text === 'fully-random')
    to = single ? chosenIn(targetOf(to.what, target), isRandom) : { ...to, unknown: true }
    length = end - at
  } else if (what === 'dnat' || what === 'snat') {
    to = { ...to, unknown: true }
  }
  while (natFlags.has(words[at + length]?.text ?? '')) length += 1
  return { steps: translated(to), length }
}

/** The target is all up to flags, a comment or the rule's end. */
function endOfTarget(words: NftWord[], from: number): number {
  let at = from
  while (at < words.length && !natFlags.has(words[at]?.text ?? '') && words[at]?.text !== 'comment') at += 1
  return at
}

function targetOf(what: Translation['what'], target: string): Translation {
  if (what === 'dnat' || what === 'snat') return endpoint(what, target)
  return portTarget(what, target.replace(/^:/, ''))
}

/** A comparison or a lookup of one selector, or of several that are joined with dots. */
function matchAt(words: NftWord[], from: number, sets: NamedSets): Part | undefined {
  const keys: Key[] = []
  const protocols = new Set<bigint>()
  let at = from
  for (;;) {
    const selector = selectorAt(words, at)
    if (!selector) return undefined
    keys.push(selector.key)
    if (selector.protocol !== undefined) protocols.add(selector.protocol)
    at += selector.length
    if (words[at]?.text !== '.') break
    at += 1
  }
  const needed = [...protocols].map((number) => needStep(protocol(number)))
  const flags = flagMatchAt(words, at, keys)
  if (flags) return { steps: [...needed, ...flags.steps], length: flags.end - from }
  const compared = comparedAt(words, at, keys, sets)
  return compared && { steps: [...needed, ...compared.steps], length: compared.end - from }
}

interface Compared {
  steps: Step[]
  end: number
}

/** `tcp flags syn / syn,rst`, `tcp flags & (syn | rst) == syn`. */
function flagMatchAt(words: NftWord[], from: number, [key, ...more]: Key[]): Compared | undefined {
  if (key?.field !== 'tcpflags' || more.length > 0) return undefined
  const rest = words.slice(from).map(({ text }) => text)
  const operator = ['!=', '=='].includes(rest[0] ?? '') ? 1 : 0
  const negated = rest[0] === '!='
  if (rest[operator + 1] === '/') {
    const [are, mask] = [bitsIn(rest[operator] ?? '', tcpFlags), bitsIn(rest[operator + 2] ?? '', tcpFlags)]
    return flagsStep(mask, are, negated, from + operator + 3)
  }
  if (rest[0] !== '&' && rest[0] !== 'and') return undefined
  const close = rest[1] === '(' ? rest.indexOf(')') : 1
  const names = (rest[1] === '(' ? rest.slice(2, close) : [rest[1] ?? '']).join('').replaceAll('|', ',')
  const values = (rest[close + 2] ?? '').replaceAll('|', ',')
  if (!['==', '!='].includes(rest[close + 1] ?? '')) return undefined
  return flagsStep(
    bitsIn(names, tcpFlags),
    bitsIn(values, tcpFlags),
    rest[close + 1] === '!=',
    from + close + 3,
  )
}

function flagsStep(
  mask: bigint | undefined,
  are: bigint | undefined,
  negated: boolean,
  end: number,
): Compared | undefined {
  if (mask === undefined || are === undefined) return undefined
  const elements = [{ patterns: [{ first: are, last: are }] }]
  const keys: Key[] = [{ field: 'tcpflags', mask }]
  return { steps: [{ kind: 'match', keys, elements, incomplete: false, negated }], end }
}

const most = (1n << 128n) - 1n

function comparedAt(words: NftWord[], from: number, keys: Key[], sets: NamedSets): Compared | undefined {
  let at = from
  const operator = words[at]?.text ?? ''
  const isOperator = ['==', '!=', '<', '>', '<=', '>=', '!'].includes(operator)
  if (isOperator) at += 1
  const negated = operator === '!=' || operator === '!'
  const fields = keys.map(({ field }) => field)
  if (words[at]?.text === 'vmap') return mapAt(words, at + 1, keys, sets)
  const value = words[at]
  if (!value) return undefined
  const match = (elements: Element[], end: number, incomplete = false): Compared => ({
    steps: [{ kind: 'match', keys, elements, incomplete, negated }],
    end,
  })
  if (!value.quoted && value.text === '{') {
    const { elements, end } = bracedElements(words, at, fields)
    return match(elements, end)
  }
  if (!value.quoted && value.text.startsWith('@')) {
    const named = sets(value.text.slice(1), fields)
    return named ? match(named.list, at + 1, named.incomplete) : match([], at + 1, true)
  }
  const [key, ...more] = keys
  if (!key || more.length > 0) return undefined
  if (['<', '>', '<=', '>='].includes(operator)) {
    const limit = numberIn(value.text)
    return limit === undefined ? undefined : match([{ patterns: [compared(operator, limit)] }], at + 1)
  }
  const pattern = patternFor(key, value, operator)
  return pattern && match([{ patterns: [pattern] }], at + 1)
}

/** With a mask, or after `==` and `!=`, a number is compared as a whole; else a name of a bit asks for that bit. */
function patternFor(key: Key, value: NftWord, operator: string): Pattern | undefined {
  const number = numberIn(value.text)
  if (key.mask !== undefined && number !== undefined) return { first: number, last: number }
  const pattern = fieldPattern(key.field, value)
  return pattern && (operator === '==' || operator === '!=') ? asWhole(pattern) : pattern
}

function compared(operator: string, limit: bigint): { first: bigint; last: bigint } {
  if (operator === '<') return { first: 0n, last: limit - 1n }
  if (operator === '<=') return { first: 0n, last: limit }
  return { first: operator === '>' ? limit + 1n : limit, last: most }
}

function mapAt(words: NftWord[], at: number, keys: Key[], sets: NamedSets): Compared | undefined {
  const fields = keys.map(({ field }) => field)
  const value = words[at]
  if (!value) return undefined
  if (value.text === '{') {
    const { elements, end } = bracedElements(words, at, fields)
    return { steps: [{ kind: 'map', keys, elements, incomplete: false }], end }
  }
  if (!value.text.startsWith('@')) return undefined
  const { list, incomplete } = sets(value.text.slice(1), fields) ?? { list: [], incomplete: true }
  return { steps: [{ kind: 'map', keys, elements: list, incomplete }], end: at + 1 }
}
