import { setTimeout as sleep } from 'node:timers/promises'
import type { Dial, PortTarget } from '../../src/facts/runner.ts'
import type { Probes } from '../../src/observe/runner/ports/probes.ts'

/** How a host behaves that tests dial without sending anything. */
export interface FakeHost {
  /** By port; a port that is not named refuses. `silent` never answers. */
  ports?: Record<number, FakePort>
  /** What ports do that are not named. */
  others?: FakePort
  ping?: PortTarget['ping']
  pingAfterMs?: number
  datagram?: NonNullable<PortTarget['datagram']>
}

export type FakePort =
  | 'open'
  | 'greets'
  | 'mute'
  | 'refused'
  | 'silent'
  | { opensAfterMs: number }
  | { code: string; afterMs: number }

/** Probes of hosts by address, and what was asked of them. An address that is no host's is silent to everything. */
export function fakeProbes(hosts: Record<string, FakeHost>, names: Record<string, string[]> = {}) {
  const asked: string[] = []
  const silentHost: FakeHost = { others: 'silent', ping: 'silent' }
  const probes: Probes = {
    dial: async (address, port, { silence, limitMs, bannerMs, onAnswer }): Promise<Dial> => {
      asked.push(`${address}:${port}`)
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
      asked.push(`${address} datagrams`)
      const { datagram = 'silent' } = hosts[address] ?? silentHost
      if (datagram === 'silent') await until(signal, 60_000)
      if (datagram === 'refused') onAnswer()
      return datagram
    },
    resolve: async (name) => {
      asked.push(name)
      return names[name] ?? { code: 'ENOTFOUND' }
    },
  }
  return { probes, asked }
}

/** Waits so long, or until the signal; then it gives -1. */
const until = (signal: AbortSignal, ms: number): Promise<number> => sleep(ms, ms, { signal }).catch(() => -1)
