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

/** Another explanation of what was observed, and whether the facts rule it out. */
export interface AlternativeCause {
  /** In a word or two. */
  name: string
  what: string
  stands: 'ruled out' | 'not ruled out' | 'supported'
  /** The fact that decides. */
  by: string
}

/** The line of evidence for one alternative cause. */
export const alternativeLine = ({ what, stands, by }: AlternativeCause): string =>
  `${stands}: ${what} (${by})`

/** All alternative causes in one line: `not ruled out: conntrack; ruled out: routing, starvation`. */
export function alternativesText(alternatives: AlternativeCause[]): string[] {
  const parts = (['supported', 'not ruled out', 'ruled out'] as const).flatMap((stands) => {
    const names = alternatives.filter((alternative) => alternative.stands === stands).map(({ name }) => name)
    return names.length > 0 ? [`${stands}: ${names.join(', ')}`] : []
  })
  return parts.length > 0 ? [parts.join('; ')] : []
}

/** What else could explain this state, each with the fact that rules it out or supports it. */
export function alternativesOf(ports: PortsInState, runner: AlternativeView): AlternativeCause[] {
  return (alternatives[ports.state] ?? []).map((alternative) => alternative(ports, runner))
}

const reject: AlternativeRule = ({ dials: [dial] }) => {
  const cause = { name: 'a REJECT rule', what: 'a firewall rule rejects the connection' }
  const ms = dial?.ms ?? 0
  if (dial?.result === 'unreachable' && ms < slowMs)
    return { ...cause, stands: 'not ruled out', by: `the error came after ${msText(ms)}` }
  const outcome = dial?.result === 'unreachable' ? 'the error came after' : 'no answer in'
  return { ...cause, stands: 'ruled out', by: `a rejection comes at once; ${outcome} ${msText(ms)}` }
}

const portRule: AlternativeRule = (_ports, runner) => {
  const cause = { name: 'a rule for this port', what: 'a rule drops only this port' }
  const rules = seenIn(runner.rules)
  if (!rules) return { ...cause, stands: 'not ruled out', by: 'rules could not be read from here' }
  if (rules.truncated || rules.unread.length > 0)
    return { ...cause, stands: 'not ruled out', by: 'not every rule could be read' }
  return { ...cause, stands: 'ruled out', by: 'no input rule drops it' }
}

const blackhole: AlternativeRule = ({ target: { canaries, ports } }) => {
  const cause = { name: 'a TCP black hole', what: 'the host drops all TCP connections' }
  const answer = [...canaries, ...ports].find(({ result }) => result !== 'timeout' && result !== 'failed')
  return answer
    ? { ...cause, stands: 'ruled out', by: `port ${answer.port} answered after ${msText(answer.ms)}` }
    : { ...cause, stands: 'not ruled out', by: 'no port answered' }
}

const firewall: AlternativeRule = ({ target }) => ({
  name: 'a firewall that drops everything',
  what: 'a firewall drops all packets from here, pings included',
  stands: 'not ruled out',
  by: `ping: ${pingText(target)}`,
})

const hostDown: AlternativeRule = ({ target }) => ({
  name: 'a host that is down',
  what: 'the host is down, or its address changed',
  stands: 'not ruled out',
  by: `no router reported it; ping: ${pingText(target)}`,
})

const alternatives: Partial<Record<PortState, AlternativeRule[]>> = {
  'tcp-dropped': [routing, starvation, backlog, conntrack, reject, tailnet, network],
  'policy-drop': [routing, starvation, backlog, conntrack, reject, tailnet, network],
  rejected: [blackhole, routing],
  'backlog-full': [backlog, portRule, blackhole, starvation],
  starved: [starvation, blackhole],
  'no-answer': [firewall, hostDown, network],
  'no-route': [reject, network],
}
