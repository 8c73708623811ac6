import { performance } from 'node:perf_hooks'
import type { PortTarget } from '../../../facts/runner.ts'
import type { Probes } from './probes.ts'

/** One address to dial, and why. */
export interface Wanted {
  address: string
  name: PortTarget['name']
  host?: string
  ports: { port: number; speaksFirst: boolean }[]
}

export interface TargetLimits {
  /** Ports that nobody listens on, as far as is known. */
  canaries: number[]
  /** Who is silent for so long, beside an answer from the same host, stays silent. */
  windowMs: number
  /** How long a host that gave no sign of life at all is waited for. */
  limitMs: number
  bannerMs: number
  /**
   * Datagrams explain the silence of TCP. The ICMP errors that answer both are few (icmp_ratelimit: six, then one a second
   * to each host), so they wait until the second SYN, a second after the first, had its turn.
   */
  datagramsAfterMs: number
  signal: AbortSignal
}

/** How long ping, which only explains silence, may go on where TCP has answered everything. */
const graceMs = 250
/** Ping learns of a dead neighbour in the same moment as TCP does, but from another process. */
const afterMs = 100

/**
 * Dials all ports of an address at once, beside canary ports and a ping, and sends datagrams where TCP stays silent. A host
 * where all is well is done in milliseconds; docs/decisions/0010-silence-of-a-port.md says why silence takes the window, or
 * the limit.
 */
export async function observeTarget(
  wanted: Wanted,
  probes: Probes,
  { canaries, windowMs, limitMs, bannerMs, datagramsAfterMs, signal }: TargetLimits,
): Promise<PortTarget> {
  const { address, name, host } = wanted
  const began = performance.now()
  const [silence, rest] = [new AbortController(), new AbortController()]
  let alive = false
  let windowOver = false
  const answered = () => {
    alive = true
    if (windowOver) silence.abort()
  }
  const window = setTimeout(() => {
    windowOver = true
    if (alive) silence.abort()
  }, windowMs)
  const until = { signal: AbortSignal.any([rest.signal, signal]), answered }
  let waiting = wanted.ports.length + canaries.length
  const dialled = (port: number, greetingMs: number) => {
    const dialAnswered = () => {
      waiting -= 1
      answered()
    }
    const limits = { limitMs, bannerMs: greetingMs, silence: silence.signal, signal, answered: dialAnswered }
    return probes.dial(address, port, limits)
  }

  const pinged = probes.ping(address, { ...until, limitMs })
  let sent: Promise<NonNullable<PortTarget['datagram']>> | undefined
  const datagrams = setTimeout(() => {
    const [, closed = 9] = canaries
    if (waiting > 0) sent = probes.datagrams(address, closed, until)
  }, datagramsAfterMs)
  const [ports, quiet] = await Promise.all([
    Promise.all(wanted.ports.map(({ port, speaksFirst }) => dialled(port, speaksFirst ? bannerMs : 0))),
    Promise.all(canaries.map((port) => dialled(port, 0))),
  ])
  clearTimeout(window)
  clearTimeout(datagrams)

  const all = [...ports, ...quiet]
  const explained = all.every(({ result }) => result === 'open' || result === 'refused')
  const elapsed = performance.now() - began
  const restMs = explained ? Math.max(0, graceMs - elapsed) : Math.max(afterMs, windowMs - elapsed)
  const more = setTimeout(() => rest.abort(), restMs)
  const ping = await pinged
  if (!all.some(({ result }) => result === 'timeout')) rest.abort()
  const datagram = await sent
  clearTimeout(more)
  return {
    address,
    name,
    ...(host === undefined ? {} : { host }),
    ...ping,
    ...(datagram === undefined ? {} : { datagram }),
    canaries: quiet,
    ports,
  }
}
