import type { PortState } from '../../src/facts/queries/runner/port-state.ts'
import type { Dial, PortsFact, PortTarget } from '../../src/facts/runner.ts'
import { type RunnerChange, seenArea } from './runner-facts.ts'

/** Results of dials. */
export const open = (port: number, banner?: Dial['banner']): Dial => ({
  port,
  result: 'open',
  ms: 0.3,
  ...(banner === undefined ? {} : { banner, bannerMs: banner === 'silent' ? 3000 : 4 }),
})
export const refused = (port: number): Dial => ({ port, result: 'refused', ms: 0.2, code: 'ECONNREFUSED' })
export const silent = (port: number, ms = 2000): Dial => ({ port, result: 'timeout', ms })
export const unreachable = (port: number, ms: number, code = 'EHOSTUNREACH'): Dial => ({
  port,
  result: 'unreachable',
  ms,
  code,
})

/** The gateway of a container: its closed ports refuse connections, and it answers pings. */
export const gateway = (change: Partial<PortTarget> = {}): PortTarget => ({
  address: '172.17.0.1',
  name: 'gateway',
  ping: 'answered',
  pingMs: 0.1,
  canaries: [refused(9), refused(25_000)],
  ports: [open(22, 'came')],
  ...change,
})

/** A host named in the setting `listeners`. */
export const named = (change: Partial<PortTarget> = {}): PortTarget =>
  gateway({ address: '192.0.2.30', name: 'listener', ...change })

const silentCanaries = { canaries: [silent(9), silent(25_000)] }

/** What dialling port 22 of a host shows, by the state that follows from it. */
export const states = {
  open: {},
  'tcp-dropped': { ...silentCanaries, ports: [silent(22)], datagram: 'refused' },
  rejected: {
    canaries: [unreachable(9, 0.3), unreachable(25_000, 0.3)],
    ports: [unreachable(22, 0.3)],
  },
  'backlog-full': { ports: [silent(22)] },
  starved: { ports: [open(22, 'silent')] },
  'no-answer': {
    canaries: [silent(9, 4000), silent(25_000, 4000)],
    ports: [silent(22, 4000)],
    ping: 'silent',
    pingMs: 4100,
    datagram: 'silent',
  },
  'no-route': {
    canaries: [unreachable(9, 3060), unreachable(25_000, 3060)],
    ports: [unreachable(22, 3060)],
    ping: 'unreachable',
    pingMs: 3070,
    pingSaid: 'Destination Host Unreachable',
    datagram: 'silent',
  },
  'policy-drop': { ...silentCanaries, ports: [silent(22)], datagram: 'silent' },
} satisfies Partial<Record<PortState, Partial<PortTarget>>>

/** Ports as a plain container dials them; named in the setting `listeners` unless `change` says otherwise. */
export const dialled =
  (targets: PortTarget[], change: Partial<PortsFact> = {}): RunnerChange =>
  (runner) => {
    const fact: PortsFact = { chosen: 'settings', targets, listeners: [], beyond: 'reached', ...change }
    runner.ports = seenArea(fact, 'dialling')
  }
