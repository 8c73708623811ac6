import { protocolMatch } from './iptables-target.ts'
import type { Field, MatchStep, Pattern, Step } from './model.ts'
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

/** What a rule's option makes of its arguments: steps, or undefined where it cannot read them. */
type Option = (args: string[], context: Context) => Step[] | undefined

/** What an option depends on. */
export interface Context {
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

/** For a packet without the field the match is false, and its negation true. */
const orWithout = (steps: Step[] | undefined): Step[] | undefined =>
  steps?.map((step): Step => (step.kind === 'match' && step.negated ? { ...step, holdsWithout: true } : step))

/** Frames of a bridge only (xt_physdev.c). */
const portOption =
  (field: Field): Option =>
  ([name = ''], context) =>
    orWithout(oneOf(field, [interfacePattern(name, '+')], context))

/** Packets of sockets of this host only (xt_owner.c). */
const ownerOption =
  (field: Field): Option =>
  ([word = ''], context) =>
    orWithout(oneOf(field, [rangePattern(word, '-')], context))

const hasField =
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

const cgroupOption: Option = (_args, { negated }) => [{ ...anyOf('cgroup'), negated }]
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
  '--physdev-is-in': hasField('physin'),
  '--physdev-is-out': hasField('physout'),
  // Before the bridge has chosen a port to send the frame by, it does not count as bridged (xt_physdev.c).
  '--physdev-is-bridged': hasField('physout'),
  '--pkt-type': ([word = ''], context) =>
    oneOf('pkttype', [{ text: word === 'unicast' ? 'host' : word, prefix: false }], context),
  '--src-range': ([word = ''], context) =>
    oneOf(context.family === 'ip' ? 'saddr4' : 'saddr6', [addressPattern(word)], context),
  '--dst-range': ([word = ''], context) =>
    oneOf(context.family === 'ip' ? 'daddr4' : 'daddr6', [addressPattern(word)], context),
  '--uid-owner': ownerOption('uid'),
  '--gid-owner': ownerOption('gid'),
  '--socket-exists': hasField('socket'),
  // Of the groups of a program, none is known.
  '--suppl-groups': nothing,
  // A packet without a socket of this host has none, and then no match holds, negated or not (xt_cgroup.c).
  '--cgroup': cgroupOption,
  '--path': cgroupOption,
  '--comment': nothing,
}

/** `--mark` of the packet or of its connection, depending on the match that was named last. */
const markFields: Record<string, Field> = { mark: 'mark', connmark: 'ctmark' }
/** Modules whose own options narrow or widen nothing by themselves. */
export const plainModules = new Set([
  ...['comment', 'tcp', 'udp', 'icmp', 'icmp6', 'multiport', 'conntrack', 'state', 'mark', 'connmark'],
  ...['addrtype', 'physdev', 'pkttype', 'iprange', 'owner', 'cgroup', 'length'],
])

/** Modules whose options belong together. */
export const wholeModules: ReadonlyMap<string, (options: string[]) => Step[]> = new Map([
  ['rpfilter', reverseSteps],
  ['policy', ipsecSteps],
])

function reverseSteps(options: string[]): Step[] {
  const field = `reverse${options.includes('--loose') ? 'any' : ''}${options.includes('--validmark') ? 'mark' : ''}`
  return flagStep(field as Field, !options.includes('--invert'))
}

function ipsecSteps(options: string[]): Step[] {
  const after = (option: string) => options[options.indexOf(option) + 1]
  const wanted = after('--pol')
  if (wanted !== 'none' && wanted !== 'ipsec') return [{ kind: 'unknown', text: '-m policy' }]
  return flagStep(after('--dir') === 'in' ? 'ipsecin' : 'ipsecout', wanted === 'ipsec')
}

/** Matches where a field is there, or where it is not. */
function flagStep(field: Field, wanted: boolean): Step[] {
  const value = wanted ? 1n : 0n
  const elements = [{ patterns: [{ first: value, last: value }] }]
  return [{ kind: 'match', keys: [{ field }], elements, incomplete: false, negated: false }]
}

/** The steps of one option of a rule, or of the module that was named last; undefined where it cannot be read. */
export function optionSteps(
  word: string,
  args: string[],
  module: string,
  context: Context,
): Step[] | undefined {
  if (!plainModules.has(module) && word.startsWith('--')) return []
  const field = markFields[module]
  if (word === '--mark' && field) return markOption(field)(args, context)
  return options[word]?.(args, context)
}
