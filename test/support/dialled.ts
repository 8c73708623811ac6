import type { Dial, PortsFact, PortTarget } from '../../src/facts/runner.ts'
import { type RunnerChange, shown } from './runner-facts.ts'

/** How dials end. */
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

/** The gateway of a container, whose closed ports refuse and which answers pings. */
export const gateway = (change: Partial<PortTarget> = {}): PortTarget => ({
  address: '172.17.0.1',
  name: 'gateway',
  ping: 'answered',
  pingMs: 0.1,
  canaries: [refused(9), refused(25_000)],
  ports: [open(22, 'came')],
  ...change,
})

/** A host that the setting `listeners` names. */
export const named = (change: Partial<PortTarget> = {}): PortTarget =>
  gateway({ address: '192.0.2.30', name: 'listener', ...change })

const nothing = { canaries: [silent(9), silent(25_000)] }

/** The states of research: what is seen of port 22 of a host in each. */
export const states = {
  '0': {},
  A: { ...nothing, ports: [silent(22)], datagram: 'refused' },
  B: {
    canaries: [unreachable(9, 0.3), unreachable(25_000, 0.3)],
    ports: [unreachable(22, 0.3)],
  },
  C: { ports: [silent(22)] },
  D: { ports: [open(22, 'silent')] },
  E: {
    canaries: [silent(9, 4000), silent(25_000, 4000)],
    ports: [silent(22, 4000)],
    ping: 'silent',
    pingMs: 4100,
    datagram: 'silent',
  },
  F: {
    canaries: [unreachable(9, 3060), unreachable(25_000, 3060)],
    ports: [unreachable(22, 3060)],
    ping: 'unreachable',
    pingMs: 3070,
    pingSaid: 'Destination Host Unreachable',
    datagram: 'silent',
  },
  G: { ...nothing, ports: [silent(22)], datagram: 'silent' },
} satisfies Record<string, Partial<PortTarget>>

/** Ports as a plain container sees them, named in the setting unless said otherwise. */
export const dialled =
  (targets: PortTarget[], change: Partial<PortsFact> = {}): RunnerChange =>
  (runner) => {
    const fact: PortsFact = { chosen: 'settings', targets, listeners: [], beyond: 'reached', ...change }
    runner.ports = shown(fact, 'dialling')
  }
