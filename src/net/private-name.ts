import { canonicalHost } from './ip.ts'

/**
 * Top-level names that the public DNS never has: reserved for private use (ICANN's `internal`, RFC 6762 appendix G, RFC 8375 and
 * RFC 6761), and the usual ones that ICANN holds back because so many networks use them.
 */
const privateTops = new Set([
  'internal',
  'intranet',
  'private',
  'corp',
  'home',
  'lan',
  'local',
  'localdomain',
  'test',
  'mail',
])

/** Whether only a network's own DNS servers can know a name: a single label, or under a top-level name for private use. */
export function isPrivateName(name: string): boolean {
  const labels = canonicalHost(name).split('.')
  const top = labels.at(-1) ?? ''
  return labels.length === 1 || privateTops.has(top) || labels.slice(-2).join('.') === 'home.arpa'
}
