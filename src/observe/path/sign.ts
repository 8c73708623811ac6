import { createSocket } from 'node:dgram'
import { readFile } from 'node:fs/promises'
import { isIPv6 } from 'node:net'
import type { Failure, FailureSign } from '../../core/failure.ts'
import { createLimit } from '../http/limit.ts'
import { openSocket } from '../http/tcp.ts'

/** The kernel gives a neighbour up after 3.1 s (measured); a router on the way, too, before it answers that the host is unreachable. */
const neighbourMs = 2_500

/** How long a connection that was refused at once may take the next time; hosts send few ICMP messages a second. */
const repeatMs = 1_500

/** The counters of ICMP are those of the whole network namespace, so one connection is repeated at a time. */
const alone = createLimit(1)

/**
 * A failed connection with the sign of its failure, where that says more than its kind: who refused it, or where the route ends. The
 * kernel gives the same error for several of them.
 */
export async function withSign(why: Failure, address: string, port: number): Promise<Failure> {
  if (why.phase !== 'connect') return why
  const endpoint = isIPv6(address) ? `[${address}]:${port}` : `${address}:${port}`
  if (why.kind === 'connection-refused') {
    const sign = await alone(() => refusalSign(address, port))
    return sign === 'icmp'
      ? { ...why, sign, detail: `connection to ${endpoint} rejected by a firewall (ICMP port unreachable)` }
      : { ...why, ...(sign ? { sign } : {}) }
  }
  if (why.kind !== 'host-unreachable') return why
  const sign = await unreachableSign(why, address, port)
  return { ...why, sign, detail: `connection to ${endpoint} failed: ${unreachableText(sign, why.ms)}` }
}

/** A port that nothing listens on sends a reset, and a firewall's REJECT an ICMP message; both are ECONNREFUSED (Linux 6, measured). */
async function refusalSign(address: string, port: number): Promise<FailureSign | undefined> {
  // Twice: an ICMP message for another connection may arrive at the same time once.
  for (const _ of [1, 2]) {
    const before = await unreachableMessages(address)
    await openSocket(address, port, address, repeatMs).result.then(
      (socket) => socket.destroy(),
      () => {},
    )
    const after = await unreachableMessages(address)
    if (before === undefined || after === undefined) return undefined
    if (after === before) return 'reset'
  }
  return 'icmp'
}

/** How many ICMP messages “destination unreachable” this network namespace has received. */
async function unreachableMessages(address: string): Promise<number | undefined> {
  if (isIPv6(address)) {
    const text = await readFile('/proc/self/net/snmp6', 'utf8').catch(() => '')
    return numberOf(/^Icmp6InDestUnreachs\s+(\d+)$/m.exec(text)?.[1])
  }
  const text = await readFile('/proc/self/net/snmp', 'utf8').catch(() => '')
  const [names = [], values = []] = text
    .split('\n')
    .filter((line) => line.startsWith('Icmp: '))
    .map((line) => line.split(' '))
  return numberOf(values[names.indexOf('InDestUnreachs')])
}

const numberOf = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : Number(text)

async function unreachableSign({ ms = 0 }: Failure, address: string, port: number): Promise<FailureSign> {
  if (!(await hasRoute(address, port))) return 'no-route'
  return ms >= neighbourMs ? 'no-neighbour' : 'icmp'
}

/** Whether the routing table of this machine leads there: a UDP socket is connected without sending anything. */
export function hasRoute(address: string, port: number): Promise<boolean> {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4')
  return new Promise<boolean>((done) => {
    // Node gives an error of the routing to the callback (measured), which its types do not say.
    const connected = (error?: Error) => done(!error)
    socket.once('error', () => done(false))
    socket.connect(port, address, connected)
  }).finally(() => socket.close())
}

function unreachableText(sign: FailureSign, ms = 0): string {
  if (sign === 'no-route') return 'this machine has no route there, or a route that forbids it'
  if (sign === 'no-neighbour')
    return `nothing answers at this address in its network, for ${(ms / 1000).toFixed(1)} s`
  return 'a router or firewall on the way rejects it (ICMP)'
}
