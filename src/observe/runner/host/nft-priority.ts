import type { TableFact } from '../../../facts/runner.ts'

const ip = { raw: -300, mangle: -150, dstnat: -100, filter: 0, security: 50, srcnat: 100 }
/** Names of priorities as nft prints them, with their numbers (nft(8), standard priority names). */
const named: Record<TableFact['family'], Record<string, number>> = {
  ip,
  ip6: ip,
  inet: ip,
  arp: { filter: 0 },
  netdev: { filter: 0 },
  bridge: { dstnat: -300, filter: -200, out: 100, srcnat: 300 },
}

/** The number of `filter`, `filter - 5` or `-300`; undefined for anything else. */
export function priorityOf(text: string, family: TableFact['family']): number | undefined {
  const [, name, sign = '+', offset = '0'] = /^([a-z]+)(?: ([+-]) (\d+))?$/.exec(text.trim()) ?? []
  if (name === undefined) return /^-?\d+$/.test(text.trim()) ? Number(text.trim()) : undefined
  const base = named[family][name]
  return base === undefined ? undefined : base + Number(`${sign}${offset}`)
}
