import type { RoutesFact } from '../../../facts/runner.ts'

type Learned = NonNullable<RoutesFact['learnedMtus']>[number]

const maxEntries = 100

/**
 * Parses `ip route show cache` and `ip -6 route show cache` (iproute2), each entry a route and its exception:
 * `10.9.2.2 via 10.9.1.1 dev eth0 \n    cache expires 596sec mtu 1400`. An exception expires after 600 s
 * (net.ipv4.route.mtu_expires).
 */
export function parseLearnedMtus(text: string): Learned[] {
  const found: Learned[] = []
  let destination: string | undefined
  for (const line of text.split('\n')) {
    if (/^\S/.test(line)) destination = line.split(/\s+/, 1)[0]
    const seconds = /\bexpires (\d+)sec/.exec(line)?.[1]
    const mtu = /\bmtu (?:lock )?(\d+)/.exec(line)?.[1]
    if (destination === undefined || seconds === undefined || mtu === undefined) continue
    found.push({ destination, mtu: Number(mtu), expiresInMs: Number(seconds) * 1000 })
    if (found.length === maxEntries) break
  }
  return found
}
