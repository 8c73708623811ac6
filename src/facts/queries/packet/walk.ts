import { elementsFor } from './lookup.ts'
import { elementMatches, type Match, matches, valuesOf } from './match.ts'
import type { BaseChain, Chain, MarkChange, Place, Rule, Translation, Verdict } from './model.ts'
import { type Packet, read } from './packet.ts'

/** What the rules of a base chain do with a packet; `unknown` names the rule that it depends on. */
export type Outcome =
  | { verdict: 'accept'; at: Place; to?: Translation }
  | { verdict: 'drop' | 'reject' | 'unknown'; at: Place }

interface Walk {
  base: BaseChain
  packet: Packet
  /** Verdicts of rules that may match, or that may not be reached, with the rule that this depends on. */
  possible: { outcome: Outcome; doubt: Place }[]
  /** Rules left to look at: chains that jump to each other twice at every level never end. */
  budget: number
}

/** What happens after a rule; an outcome only where it is certain that the rule is reached and matches. */
type Flow = Outcome | 'next' | 'return' | 'maybe return'

const maxRules = 1_000_000
/** The kernel allows 16 jumps (NFT_JUMP_STACK_SIZE), and more in iptables-legacy. */
const maxDepth = 64

/**
 * Follows the rules of a base chain, and changes the packet's marks as they do. A rule that may match is followed both ways: if
 * the packet's fate depends on it, the outcome is unknown.
 */
export function walkBase(base: BaseChain, packet: Packet): Outcome {
  const walk: Walk = { base, packet, possible: [], budget: maxRules }
  const end = walkChain(walk, base.chain, { depth: 0 })
  const outcome: Outcome = end ?? { verdict: base.policy, at: { base, chain: base.chain.name } }
  const other = walk.possible.find((one) => !isSame(one.outcome, outcome))
  return other ? { verdict: 'unknown', at: other.doubt } : outcome
}

function isSame(a: Outcome, b: Outcome): boolean {
  if (a.verdict === 'accept' && b.verdict === 'accept') return isSameTranslation(a.to, b.to)
  return a.verdict !== 'unknown' && a.verdict !== 'accept' && b.verdict !== 'accept'
}

const isSameTranslation = (a?: Translation, b?: Translation): boolean =>
  a?.what === b?.what &&
  a?.address === b?.address &&
  a?.port === b?.port &&
  a?.lastPort === b?.lastPort &&
  !a?.unknown &&
  !b?.unknown

interface At {
  /** The rule on which it depends whether the packet gets here; absent where it is certain that it does. */
  doubt?: Place | undefined
  depth: number
}

/** Undefined where the packet goes on after the jump that led here, or meets the policy. */
function walkChain(walk: Walk, chain: Chain, at: At): Outcome | undefined {
  let { doubt } = at
  for (const rule of chain.rulesFor(walk.packet)) {
    walk.budget -= 1
    walk.packet.work.rules += 1
    if (walk.budget < 0) {
      doubtIn(walk, placeOf(walk, chain, rule))
      return undefined
    }
    const flow = walkRule(walk, { chain, rule, doubt, depth: at.depth })
    if (flow === 'return') return undefined
    if (flow === 'maybe return') doubt ??= placeOf(walk, chain, rule)
    else if (flow !== 'next') {
      if (!doubt) return flow
      walk.possible.push({ outcome: flow, doubt })
      return undefined
    }
  }
  if (chain.incomplete) doubtIn(walk, { base: walk.base, chain: chain.name })
  return undefined
}

/** What happens at a place is not known: anything may. */
const doubtIn = (walk: Walk, at: Place): void =>
  void walk.possible.push({ outcome: { verdict: 'unknown', at }, doubt: at })

const placeOf = ({ base }: Walk, chain: Chain, rule: Rule): Place => ({
  base,
  chain: chain.name,
  rule: rule.text,
})

interface Here extends At {
  chain: Chain
  rule: Rule
}

function walkRule(walk: Walk, here: Here): Flow {
  let match: Match = 'yes'
  for (const step of here.rule.steps) {
    switch (step.kind) {
      case 'match': {
        const holds = matches(walk.packet, step)
        if (holds === 'no') return 'next'
        if (holds === 'maybe') match = 'maybe'
        break
      }
      case 'unknown':
        match = 'maybe'
        break
      case 'mark': {
        const { status } = walk.packet.connection
        // The mark of a connection that does not exist cannot be read, which ends the rule; nor can it be written.
        const copies = step.field === 'mark' && step.change !== undefined && step.change.take !== 0n
        if (status === null && copies) return 'next'
        if (status === null && step.field === 'ctmark') break
        if (status === undefined && copies) match = 'maybe'
        changeMark(walk, step.field, step.change, isCertain(walk, here, match))
        break
      }
      case 'untrack':
        if (isCertain(walk, here, match)) walk.packet.trail.push(placeOf(walk, here.chain, here.rule))
        walk.packet.connection = {
          ...walk.packet.connection,
          state: isCertain(walk, here, match) ? 'untracked' : undefined,
          status: isCertain(walk, here, match) ? null : undefined,
        }
        break
      case 'map':
        return walkMap(walk, here, step, match)
      case 'verdict':
        return decide(walk, here, step.verdict, match)
    }
  }
  return 'next'
}

/** Whether a rule's effect takes place in every case that is still possible. */
const isCertain = ({ possible }: Walk, { doubt }: Here, match: Match): boolean =>
  match === 'yes' && !doubt && possible.length === 0

/** The first element that matches decides; those that may match are followed as well. Without any, the rule ends. */
function walkMap(
  walk: Walk,
  here: Here,
  { keys, elements, incomplete }: Extract<Rule['steps'][number], { kind: 'map' }>,
  match: Match,
): Flow {
  const values = valuesOf(walk.packet, keys)
  if (!values) return 'next'
  let mayReturn = false
  for (const element of elementsFor(elements, keys, (field) => read(walk.packet, field))) {
    const holds = elementMatches(values, element)
    if (holds === 'no') continue
    const verdict = element.verdict ?? { kind: 'unknown', text: 'map' }
    const flow = decide(walk, here, verdict, holds === 'yes' ? match : 'maybe')
    if (holds === 'yes') return flow === 'next' && mayReturn ? 'maybe return' : flow
    mayReturn ||= flow === 'maybe return'
  }
  if (incomplete) doubtIn(walk, placeOf(walk, here.chain, here.rule))
  return mayReturn ? 'maybe return' : 'next'
}

function decide(walk: Walk, here: Here, verdict: Verdict, match: Match): Flow {
  const at = placeOf(walk, here.chain, here.rule)
  const certain = match === 'yes'
  const ends = (outcome: Outcome): Flow => {
    if (certain) return outcome
    walk.possible.push({ outcome, doubt: here.doubt ?? at })
    return 'next'
  }
  switch (verdict.kind) {
    case 'accept':
    case 'drop':
    case 'reject':
      return ends({ verdict: verdict.kind, at })
    case 'translate':
      return ends({ verdict: 'accept', at, to: verdict.to })
    case 'return':
      return certain ? 'return' : 'maybe return'
    case 'continue':
      return 'next'
    case 'unknown':
      doubtIn(walk, at)
      return 'next'
    case 'jump':
    case 'goto': {
      const chain = walk.base.table.chains.get(verdict.chain)
      if (!chain || here.depth >= maxDepth) {
        doubtIn(walk, at)
        return 'next'
      }
      const doubt = here.doubt ?? (certain ? undefined : at)
      const end = walkChain(walk, chain, { doubt, depth: here.depth + 1 })
      if (end) return end
      if (verdict.kind === 'jump') return 'next'
      // After a goto, the packet goes on where the chain was called from.
      return certain ? 'return' : 'maybe return'
    }
  }
}

function changeMark(
  { packet }: Walk,
  field: 'mark' | 'ctmark',
  change: MarkChange | undefined,
  certain: boolean,
): void {
  const { connection } = packet
  const value =
    change && certain
      ? changed(change, field === 'mark' ? [packet.mark, connection.mark] : [connection.mark, packet.mark])
      : undefined
  if (field === 'mark') packet.mark = value
  else packet.connection = { ...connection, mark: value }
}

function changed(
  { keep, take, xor }: MarkChange,
  [own, other]: [bigint | undefined, bigint | undefined],
): bigint | undefined {
  if ((own === undefined && keep !== 0n) || (other === undefined && take !== 0n)) return undefined
  return ((own ?? 0n) & keep) ^ ((other ?? 0n) & take) ^ xor
}
