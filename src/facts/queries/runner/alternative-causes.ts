import { seenIn } from '../../../core/observed.ts'
import {
  type AlternativeRule,
  type AlternativeView,
  backlog,
  conntrack,
  network,
  routing,
  starvation,
  tailnet,
} from './alternative-rules.ts'
import { type PortState, type PortsInState, slowMs } from './port-state.ts'
import { msText, pingText } from './port-text.ts'

/** Another explanation of what was seen, and how it stands. */
export interface AlternativeCause {
  /** In a word or two. */
  name: string
  what: string
  stands: 'ruled out' | 'not ruled out' | 'supported'
  by: string
}

/** The line of evidence for one rival explanation. */
export const alternativeLine = ({ what, stands, by }: AlternativeCause): string =>
  `${stands}: ${what} (${by})`

/** All of them in one line: `ruled out: routing, starvation; not ruled out: conntrack`. */
export function alternativesText(alternatives: AlternativeCause[]): string[] {
  const parts = (['supported', 'not ruled out', 'ruled out'] as const).flatMap((stands) => {
    const names = alternatives.filter((alternative) => alternative.stands === stands).map(({ name }) => name)
    return names.length > 0 ? [`${stands}: ${names.join(', ')}`] : []
  })
  return parts.length > 0 ? [parts.join('; ')] : []
}

/** What else could look like this row, each with what rules it out or leaves it standing. */
export function alternativesOf(row: PortsInState, runner: AlternativeView): AlternativeCause[] {
  return (alternatives[row.row] ?? []).map((alternative) => alternative(row, runner))
}

const reject: AlternativeRule = ({ dials: [dial] }) => {
  const about = { name: 'a rejecting rule', what: 'a rule that rejects' }
  const ms = dial?.ms ?? 0
  if (dial?.result === 'unreachable' && ms < slowMs)
    return { ...about, stands: 'not ruled out', by: `the error came after ${msText(ms)}` }
  const came = dial?.result === 'unreachable' ? 'the error came after' : 'nothing came in'
  return { ...about, stands: 'ruled out', by: `it would answer at once; ${came} ${msText(ms)}` }
}

const narrowRule: AlternativeRule = (_row, runner) => {
  const about = { name: 'a rule for this port', what: 'a rule drops this port alone' }
  const rules = seenIn(runner.rules)
  if (!rules) return { ...about, stands: 'not ruled out', by: 'rules could not be read from here' }
  if (rules.truncated || rules.unread.length > 0)
    return { ...about, stands: 'not ruled out', by: 'not every rule could be read' }
  return { ...about, stands: 'ruled out', by: 'no rule for what comes in does' }
}

const blackhole: AlternativeRule = ({ target: { canaries, ports } }) => {
  const about = { name: 'a black hole', what: 'connections to the host are dropped' }
  const answer = [...canaries, ...ports].find(({ result }) => result !== 'timeout' && result !== 'failed')
  return answer
    ? { ...about, stands: 'ruled out', by: `port ${answer.port} was answered after ${msText(answer.ms)}` }
    : { ...about, stands: 'not ruled out', by: 'no port was answered' }
}

const firewall: AlternativeRule = ({ target }) => ({
  name: 'a firewall that drops all',
  what: 'a firewall drops everything from here, pings too',
  stands: 'not ruled out',
  by: `ping: ${pingText(target)}`,
})

const hostOff: AlternativeRule = ({ target }) => ({
  name: 'a host that is off',
  what: 'the host is off, or has another address now',
  stands: 'not ruled out',
  by: `no router said so; ping: ${pingText(target)}`,
})

const alternatives: Partial<Record<PortState, AlternativeRule[]>> = {
  A: [routing, starvation, backlog, conntrack, reject, tailnet, network],
  G: [routing, starvation, backlog, conntrack, reject, tailnet, network],
  B: [blackhole, routing],
  C: [backlog, narrowRule, blackhole, starvation],
  D: [starvation, blackhole],
  E: [firewall, hostOff, network],
  F: [reject, network],
}
