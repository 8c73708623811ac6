import { setTimeout as sleep } from 'node:timers/promises'
import type { Dial, PortTarget } from '../../src/facts/runner.ts'
import type { Probes } from '../../src/observe/runner/ports/probes.ts'

/** The behaviour of a fake host; no packets are sent. */
export interface FakeHost {
  /** Behaviour by port; default: `others`. `silent` never answers. */
  ports?: Record<number, FakePort>
  /** Behaviour of all other ports; default: `refused`. */
  others?: FakePort
  ping?: PortTarget['ping']
  pingAfterMs?: number
  datagram?: NonNullable<PortTarget['datagram']>
}

type FakePort =
  | 'open'
  | 'greets'
  | 'mute'
  | 'refused'
  | 'silent'
  | { opensAfterMs: number }
  | { code: string; afterMs: number }

/** Probes of fake hosts by address; `asked` lists the probes. Any other address is silent. */
export function fakeProbes(hosts: Record<string, FakeHost>, names: Record<string, string[]> = {}) {
  const probed: string[] = []
  const silentHost: FakeHost = { others: 'silent', ping: 'silent' }
  const probes: Probes = {
    dial: async (address, port, { silence, limitMs, bannerMs, onAnswer }): Promise<Dial> => {
      probed.push(`${address}:${port}`)
      const host = hosts[address] ?? silentHost
      const behaviour = host.ports?.[port] ?? host.others ?? 'refused'
      if (behaviour === 'silent') return { port, result: 'timeout', ms: await until(silence, limitMs) }
      if (typeof behaviour === 'object' && 'opensAfterMs' in behaviour) {
        const waitedMs = await until(silence, behaviour.opensAfterMs)
        if (waitedMs < 0) return { port, result: 'timeout', ms: waitedMs }
        onAnswer()
        return { port, result: 'open', ms: waitedMs }
      }
      if (typeof behaviour === 'object') {
        const waitedMs = await until(silence, behaviour.afterMs)
        if (waitedMs < 0) return { port, result: 'timeout', ms: waitedMs }
        return { port, result: 'unreachable', ms: behaviour.afterMs, code: behaviour.code }
      }
      onAnswer()
      if (behaviour === 'refused') return { port, result: 'refused', ms: 1, code: 'ECONNREFUSED' }
      if (bannerMs === 0 || behaviour === 'open') return { port, result: 'open', ms: 1 }
      if (behaviour === 'greets') return { port, result: 'open', ms: 1, banner: 'came', bannerMs: 1 }
      await until(silence, bannerMs)
      return { port, result: 'open', ms: 1, banner: 'silent', bannerMs }
    },
    ping: async (address, { signal, onAnswer, limitMs }) => {
      const { ping = 'answered', pingAfterMs = 0 } = hosts[address] ?? silentHost
      if (ping === 'silent') return { ping, pingMs: await until(signal, limitMs) }
      if ((await until(signal, pingAfterMs)) < 0) return { ping: 'silent', pingMs: -1 }
      if (ping === 'answered') onAnswer()
      return { ping, pingMs: 0.1 }
    },
    datagrams: async (address, _port, { signal, onAnswer }) => {
      probed.push(`${address} datagrams`)
      const { datagram = 'silent' } = hosts[address] ?? silentHost
      if (datagram === 'silent') await until(signal, 60_000)
      if (datagram === 'refused') onAnswer()
      return datagram
    },
    resolve: async (name) => {
      probed.push(name)
      return names[name] ?? { code: 'ENOTFOUND' }
    },
  }
  return { probes, probed }
}

/** Waits for `ms`; returns -1 if the signal aborts first. */
const until = (signal: AbortSignal, ms: number): Promise<number> => sleep(ms, ms, { signal }).catch(() => -1)
