import { lookup } from 'node:dns/promises'
import type { Dial, PortTarget } from '../../../facts/runner.ts'
import type { HostAccess } from '../host-access.ts'
import { sendDatagrams } from './datagram.ts'
import { type DialLimits, dial } from './dial.ts'
import { type PingResult, ping } from './ping.ts'

/** The functions that send packets; tests replace them. None of them rejects. */
export interface Probes {
  dial(address: string, port: number, limits: DialLimits): Promise<Dial>
  datagrams(
    address: string,
    port: number,
    until: { signal: AbortSignal; onAnswer: () => void },
  ): Promise<NonNullable<PortTarget['datagram']>>
  ping(
    address: string,
    until: { limitMs: number; signal: AbortSignal; onAnswer: () => void },
  ): Promise<PingResult>
  /** All addresses of a name in the resolver's order, or the code of the error. */
  resolve(name: string, signal: AbortSignal): Promise<string[] | { code: string }>
}

export function realProbes(access: HostAccess): Probes {
  return {
    dial,
    datagrams: sendDatagrams,
    ping: (address, until) => ping(access, address, until),
    resolve: resolveName,
  }
}

/** getaddrinfo cannot be aborted: where `signal` ends the wait, its thread finishes later. */
async function resolveName(name: string, signal: AbortSignal): Promise<string[] | { code: string }> {
  const { promise: ended, resolve: end } = Promise.withResolvers<{ code: string }>()
  const stop = () => end({ code: 'timed out' })
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  const found = lookup(name, { all: true, verbatim: true }).then(
    (answers) => answers.map(({ address }) => address),
    ({ code = 'unknown' }: NodeJS.ErrnoException) => ({ code }),
  )
  try {
    return await Promise.race([found, ended])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
