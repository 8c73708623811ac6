import { performance } from 'node:perf_hooks'
import type { PortTarget } from '../../../facts/runner.ts'
import type { Probes } from './probes.ts'

/** One address to dial, with its ports. */
export interface DialTarget {
  address: string
  name: PortTarget['name']
  host?: string
  ports: { port: number; speaksFirst: boolean }[]
}

export interface TargetLimits {
  /** Ports on which, as far as known, nothing listens. */
  canaries: number[]
  /** A port silent for this long counts as a timeout if the host answered anything else. */
  windowMs: number
  /** How long to wait for a host that has answered nothing. */
  limitMs: number
  bannerMs: number
  /**
   * When to send datagrams, which explain silence on TCP. ICMP errors are rate-limited for both together (icmp_ratelimit: six,
   * then one per second and host), so datagrams wait for the second SYN, sent a second after the first.
   */
  datagramsAfterMs: number
  signal: AbortSignal
}

/** How long to wait for ping, which only explains silence, once every port has answered. */
const graceMs = 250
/** Ping, another process, reports a dead neighbour slightly later than TCP does. */
const minPingMs = 100

/**
 * Dials all ports of an address at once, along with canary ports and a ping, and sends datagrams where TCP stays silent. Takes
 * milliseconds for a healthy host; docs/decisions/0010-silence-of-a-port.md explains why silence takes the window, or the
 * limit.
 */
export async function observeTarget(
  target: DialTarget,
  probes: Probes,
  { canaries, windowMs, limitMs, bannerMs, datagramsAfterMs, signal }: TargetLimits,
): Promise<PortTarget> {
  const { address, name, host } = target
  const began = performance.now()
  const [silence, rest] = [new AbortController(), new AbortController()]
  let hostAnswered = false
  let windowOver = false
  const onAnswer = () => {
    hostAnswered = true
    if (windowOver) silence.abort()
  }
  const windowTimer = setTimeout(() => {
    windowOver = true
    if (hostAnswered) silence.abort()
  }, windowMs)
  const until = { signal: AbortSignal.any([rest.signal, signal]), onAnswer }
  let waiting = target.ports.length + canaries.length
  const dialPort = (port: number, greetingMs: number) => {
    const dialAnswered = () => {
      waiting -= 1
      onAnswer()
    }
    const limits = { limitMs, bannerMs: greetingMs, silence: silence.signal, signal, onAnswer: dialAnswered }
    return probes.dial(address, port, limits)
  }

  const pinging = probes.ping(address, { ...until, limitMs })
  let sending: Promise<NonNullable<PortTarget['datagram']>> | undefined
  const datagramTimer = setTimeout(() => {
    const [, closed = 9] = canaries
    if (waiting > 0) sending = probes.datagrams(address, closed, until)
  }, datagramsAfterMs)
  const [ports, canaryDials] = await Promise.all([
    Promise.all(target.ports.map(({ port, speaksFirst }) => dialPort(port, speaksFirst ? bannerMs : 0))),
    Promise.all(canaries.map((port) => dialPort(port, 0))),
  ])
  clearTimeout(windowTimer)
  clearTimeout(datagramTimer)

  const all = [...ports, ...canaryDials]
  const allAnswered = all.every(({ result }) => result === 'open' || result === 'refused')
  const elapsed = performance.now() - began
  const restMs = allAnswered ? Math.max(0, graceMs - elapsed) : Math.max(minPingMs, windowMs - elapsed)
  const restTimer = setTimeout(() => rest.abort(), restMs)
  const ping = await pinging
  if (!all.some(({ result }) => result === 'timeout')) rest.abort()
  const datagram = await sending
  clearTimeout(restTimer)
  return {
    address,
    name,
    ...(host === undefined ? {} : { host }),
    ...ping,
    ...(datagram === undefined ? {} : { datagram }),
    canaries: canaryDials,
    ports,
  }
}
