import { performance } from 'node:perf_hooks'
import type { PortTarget } from '../../../facts/runner.ts'
import type { HostAccess } from '../host-access.ts'
import { tenths } from './dial.ts'

export type PingResult = Pick<PortTarget, 'ping' | 'pingMs' | 'pingSaid'>

/** Packets get lost: the next one goes after this many seconds. */
const everySeconds = '1'
const longestText = 120

/**
 * One answered echo request, by the program `ping` of iputils or BusyBox: Node has no ICMP. `signal` ends it early, and
 * then there was no answer so far. Where an ordinary user may send no echo requests (`net.ipv4.ping_group_range`), it is
 * not possible, and says why.
 */
export async function ping(
  access: HostAccess,
  address: string,
  { limitMs, signal, answered }: { limitMs: number; signal: AbortSignal; answered: () => void },
): Promise<PingResult> {
  const began = performance.now()
  const limit = String(Math.ceil(limitMs / 1000))
  // With -w, one answer or one error ends it (ping(8)), and it is sent again until then.
  const run = await access.run('ping', ['-n', '-c', '1', '-i', everySeconds, '-w', limit, address], {
    timeoutMs: limitMs + 500,
    limit: 64 * 1024,
    signal,
  })
  const waited = tenths(performance.now() - began)
  if (run.state !== 'ended') {
    return run.state === 'stopped'
      ? { ping: 'silent', pingMs: waited }
      : { ping: 'not possible', pingSaid: 'there is no program ping here' }
  }
  const said = run.stdout.match(/^\d+ bytes from .*$/m)
  if (said) {
    answered()
    return { ping: 'answered', pingMs: Number(/time[=<]([\d.]+) ?ms/.exec(said[0])?.[1] ?? waited) }
  }
  const error = refusals.exec(`${run.stdout}\n${run.stderr}`)?.[0]
  if (error !== undefined) return { ping: 'unreachable', pingMs: waited, pingSaid: error }
  if (run.exitCode === 1) return { ping: 'silent', pingMs: waited }
  const [first = ''] = run.stderr.split('\n').filter((line) => line !== '')
  return { ping: 'not possible', pingSaid: first.replace(/^ping:\s*/, '').slice(0, longestText) }
}

/** What iputils makes of the ICMP errors that say "no way" or "not allowed", and of the same from the own kernel. */
const refusals =
  /Destination \w+ (?:Unreachable|Prohibited|Unknown)|Destination unreachable: [\w ]{1,40}|Packet filtered|(?:Network|Host) is unreachable|No route to host/i
