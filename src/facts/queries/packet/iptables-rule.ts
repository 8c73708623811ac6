import { protocolMatch, targetSteps } from './iptables-target.ts'
import type { Field, MatchStep, Pattern, Rule, Step } from './model.ts'
import {
  addressPattern,
  bitsIn,
  connectionStatuses,
  interfacePattern,
  numberIn,
  protocolNumber,
  rangePattern,
  savedStates,
  tcpFlags,
} from './values.ts'
import { saveWords } from './words.ts'

/** What a rule's option makes of its arguments: steps, or undefined where it cannot read them. */
type Option = (args: string[], context: Context) => Step[] | undefined

interface Context {
  family: 'ip' | 'ip6'
  negated: boolean
}

const oneOf = (field: Field, patterns: (Pattern | undefined)[], { negated }: Context): Step[] | undefined =>
  patterns.includes(undefined)
    ? undefined
    : [
        {
          kind: 'match',
          keys: [{ field }],
          elements: patterns.flatMap((pattern) => (pattern ? [{ patterns: [pattern] }] : [])),
          incomplete: false,
          negated,
        },
      ]

const interfaceOption =
  (field: Field): Option =>
  ([name = ''], context) =>
    oneOf(field, [interfacePattern(name, '+')], context)

/** Frames of a bridge only: for any other packet the match is false, and its negation true (xt_physdev.c). */
const portOption =
  (field: Field): Option =>
  ([name = ''], context) =>
    oneOf(field, [interfacePattern(name, '+')], context)?.map(
      (step): Step => (step.kind === 'match' && step.negated ? { ...step, holdsWithout: true } : step),
    )

const hasPort =
  (field: Field): Option =>
  (_args, { negated }) => [negated ? { ...anyOf(field), negated, holdsWithout: true } : anyOf(field)]

/** A match that holds wherever the packet has the field. */
const anyOf = (field: Field): MatchStep => ({
  kind: 'match',
  keys: [{ field }],
  elements: [{ patterns: [{ text: '', prefix: true }] }],
  incomplete: false,
  negated: false,
})

const addressOption =
  (side: 'saddr' | 'daddr'): Option =>
  ([word = ''], context) =>
    oneOf(context.family === 'ip' ? `${side}4` : `${side}6`, word.split(',').map(addressPattern), context)

const portsOption =
  (field: Field): Option =>
  ([word = ''], context) =>
    oneOf(
      field,
      word.split(',').map((one) => rangePattern(one, ':')),
      context,
    )

const textOption =
  (field: Field): Option =>
  ([word = ''], context) =>
    oneOf(
      field,
      word.split(',').map((text) => ({ text: text.toLowerCase(), prefix: false })),
      context,
    )

const bitsOption =
  (field: Field, table: Record<string, bigint>): Option =>
  ([word = ''], context) => {
    const bits = bitsIn(word.toLowerCase().replace('seen_reply', 'seen-reply'), table)
    return oneOf(field, [bits === undefined ? undefined : { bits }], context)
  }

const markOption =
  (field: Field): Option =>
  ([word = ''], { negated }) => {
    const [value, mask] = word.split('/').map(numberIn)
    if (value === undefined || (word.includes('/') && mask === undefined)) return undefined
    return [
      {
        kind: 'match',
        keys: [{ field, mask: mask ?? 0xffff_ffffn }],
        elements: [{ patterns: [{ first: value, last: value }] }],
        incomplete: false,
        negated,
      },
    ]
  }

/** `--tcp-flags MASK SET`: of the flags in MASK, exactly those in SET are set. */
const flagsOption: Option = ([mask = '', set = ''], { negated }) => {
  const all = { ...tcpFlags, all: 63n, none: 0n }
  const [of, are] = [bitsIn(mask.toLowerCase(), all), bitsIn(set.toLowerCase(), all)]
  if (of === undefined || are === undefined) return undefined
  return [
    {
      kind: 'match',
      keys: [{ field: 'tcpflags', mask: of }],
      elements: [{ patterns: [{ first: are, last: are }] }],
      incomplete: false,
      negated,
    },
  ]
}

const nothing: Option = () => []
const never: Option = (_args, { negated }) => (negated ? [] : [neverMatches])
const neverMatches: MatchStep = {
  kind: 'match',
  keys: [],
  elements: [],
  incomplete: false,
  negated: false,
}

/** Options of matches by their names; `ports` of multiport need the number of either side and stay unknown. */
const options: Record<string, Option> = {
  '-i': interfaceOption('iif'),
  '-o': interfaceOption('oif'),
  '-s': addressOption('saddr'),
  '-d': addressOption('daddr'),
  '-p': ([word = ''], { negated }) => protocolMatch(protocolNumber(word), negated),
  // Only for packets that are fragments: none of those followed here is one.
  '-f': never,
  '--dport': portsOption('dport'),
  '--sport': portsOption('sport'),
  '--dports': portsOption('dport'),
  '--sports': portsOption('sport'),
  '--tcp-flags': flagsOption,
  '--icmp-type': () => [{ kind: 'unknown', text: '--icmp-type' }],
  '--ctstate': bitsOption('ctstatenat', savedStates),
  '--state': bitsOption('ctstate', savedStates),
  '--ctstatus': bitsOption('ctstatus', connectionStatuses),
  '--ctdir': textOption('ctdirection'),
  '--ctorigsrc': ([word = ''], context) => oneOf('ctsaddr', [addressPattern(word)], context),
  '--ctorigdst': ([word = ''], context) => oneOf('ctdaddr', [addressPattern(word)], context),
  '--ctorigsrcport': portsOption('ctsport'),
  '--ctorigdstport': portsOption('ctdport'),
  '--ctproto': ([word = ''], { negated }) => protocolMatch(protocolNumber(word), negated),
  '--src-type': textOption('saddrtype'),
  '--dst-type': textOption('daddrtype'),
  '--physdev-in': portOption('physin'),
  '--physdev-out': portOption('physout'),
  '--physdev-is-in': hasPort('physin'),
  '--physdev-is-out': hasPort('physout'),
  // Before the bridge has chosen a port to send the frame by, it does not count as bridged (xt_physdev.c).
  '--physdev-is-bridged': hasPort('physout'),
  '--pkt-type': ([word = ''], context) =>
    oneOf('pkttype', [{ text: word === 'unicast' ? 'host' : word, prefix: false }], context),
  '--src-range': ([word = ''], context) =>
    oneOf(context.family === 'ip' ? 'saddr4' : 'saddr6', [addressPattern(word)], context),
  '--dst-range': ([word = ''], context) =>
    oneOf(context.family === 'ip' ? 'daddr4' : 'daddr6', [addressPattern(word)], context),
  '--comment': nothing,
}

/** `--mark` of the packet or of its connection, depending on the match that was named last. */
const markFields: Record<string, Field> = { mark: 'mark', connmark: 'ctmark' }
/** A packet that is forwarded, or that the host sends without a socket of its own, has no owner. */
const ownerOptions = /^--(?:uid-owner|gid-owner|socket-exists|suppl-groups)$/
/** Modules whose own options narrow or widen nothing by themselves. */
const plainModules = new Set([
  ...['comment', 'tcp', 'udp', 'icmp', 'icmp6', 'multiport', 'conntrack', 'state', 'mark', 'connmark'],
  ...['addrtype', 'physdev', 'pkttype', 'iprange', 'owner', 'length'],
])

/** Parses a rule of `iptables-save` without `-A CHAIN`. */
export function parseSavedRule(text: string, family: 'ip' | 'ip6', chains: ReadonlySet<string>): Rule {
  const words = saveWords(text)
  const steps: Step[] = []
  let negated = false
  let module = ''
  for (let at = 0; at < words.length; ) {
    const word = words[at] ?? ''
    if (word === '!') {
      negated = true
      at += 1
      continue
    }
    if (word === '-j' || word === '-g') {
      steps.push(...targetSteps(word, words.slice(at + 1), chains))
      break
    }
    const args = argumentsAfter(words, at)
    at += 1 + args.length
    if (word === '-m') {
      module = args[0] ?? ''
      if (!plainModules.has(module)) steps.push({ kind: 'unknown', text: `-m ${module}` })
    } else {
      steps.push(...(optionSteps(word, args, module, { family, negated }) ?? [unknown(word, args)]))
    }
    negated = false
  }
  return { text, steps }
}

const unknown = (word: string, args: string[]): Step => ({ kind: 'unknown', text: [word, ...args].join(' ') })

function optionSteps(word: string, args: string[], module: string, context: Context): Step[] | undefined {
  if (!plainModules.has(module) && word.startsWith('--')) return []
  const field = markFields[module]
  if (word === '--mark' && field) return markOption(field)(args, context)
  if (module === 'owner' && ownerOptions.test(word)) return never(args, context)
  return options[word]?.(args, context)
}

/** The words up to the next option; `-` begins an option, never an argument of those that iptables-save prints. */
function argumentsAfter(words: string[], at: number): string[] {
  if (words[at] === '--comment') return words.slice(at + 1, at + 2)
  let end = at + 1
  while (end < words.length && !isOption(words[end] ?? '')) end += 1
  return words.slice(at + 1, end)
}

const isOption = (word: string): boolean => word === '!' || /^--?[a-z]/i.test(word)
