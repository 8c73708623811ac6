import { performance } from 'node:perf_hooks'
import type { PortTarget } from '../../../facts/runner.ts'
import type { HostAccess } from '../host-access.ts'
import { tenths } from './dial.ts'

export type PingResult = Pick<PortTarget, 'ping' | 'pingMs' | 'pingSaid'>

/** Seconds between echo requests, as packets get lost. */
const intervalSeconds = '1'
const maxTextLength = 120

/**
 * Waits for one echo reply, with the program `ping` of iputils or BusyBox, as Node has no ICMP. `signal` ends it early; the
 * result is then `silent`. Where this user may not send echo requests (`net.ipv4.ping_group_range`), the result is
 * `not possible` with the reason.
 */
export async function ping(
  access: HostAccess,
  address: string,
  { limitMs, signal, onAnswer }: { limitMs: number; signal: AbortSignal; onAnswer: () => void },
): Promise<PingResult> {
  const began = performance.now()
  const limit = String(Math.ceil(limitMs / 1000))
  // With -w and -c 1, ping repeats the request until one reply or one error arrives (ping(8)).
  const run = await access.run('ping', ['-n', '-c', '1', '-i', intervalSeconds, '-w', limit, address], {
    timeoutMs: limitMs + 500,
    limit: 64 * 1024,
    signal,
  })
  const waited = tenths(performance.now() - began)
  if (run.state !== 'ended') {
    return run.state === 'stopped'
      ? { ping: 'silent', pingMs: waited }
      : { ping: 'not possible', pingSaid: 'ping is not installed' }
  }
  const reply = run.stdout.match(/^\d+ bytes from .*$/m)
  if (reply) {
    onAnswer()
    return { ping: 'answered', pingMs: Number(/time[=<]([\d.]+) ?ms/.exec(reply[0])?.[1] ?? waited) }
  }
  const error = icmpErrors.exec(`${run.stdout}\n${run.stderr}`)?.[0]
  if (error !== undefined) return { ping: 'unreachable', pingMs: waited, pingSaid: error }
  if (run.exitCode === 1) return { ping: 'silent', pingMs: waited }
  const [first = ''] = run.stderr.split('\n').filter((line) => line !== '')
  return { ping: 'not possible', pingSaid: first.replace(/^ping:\s*/, '').slice(0, maxTextLength) }
}

/** How iputils prints ICMP errors for unreachable or prohibited hosts, and the same errors of the local kernel. */
const icmpErrors =
  /Destination \w+ (?:Unreachable|Prohibited|Unknown)|Destination unreachable: [\w ]{1,40}|Packet filtered|(?:Network|Host) is unreachable|No route to host/i
