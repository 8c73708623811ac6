import type { HostAccess } from '../host-access.ts'
import { linesOf } from './lines.ts'

/** About 10 MB with the modules of a distribution. */
const symbolsLimit = 32 * 1024 * 1024

/**
 * Parts of the kernel that may be modules: `needs`, a part that is built in where this one is; `symbol`, the beginning of the name
 * of one of its functions.
 */
const parts = {
  /** Answers nft and iptables-nft. */
  nf_tables: { needs: 'nfnetlink', symbol: 'nf_tables_new' },
  /** Answers `ss` about sockets of TCP. */
  tcp_diag: { needs: 'inet_diag', symbol: 'tcp_diag_' },
} as const

/**
 * Whether a part of the kernel is active. A kernel that has it as a module loads it on any request to it (request_module in
 * nfnetlink_rcv_msg and in sock_diag), and an inspection must not change what is loaded. `absent`: it is not loaded. `unknown`:
 * it may be built in or not loaded.
 */
export async function stateOfPart(
  access: HostAccess,
  part: keyof typeof parts,
): Promise<'present' | 'absent' | 'unknown'> {
  const modules = await access.read('/proc/modules')
  // A kernel without modules has everything built in and loads nothing.
  if (!modules.ok || modules.text.trim() === '') return 'present'
  const loaded = new Set([...linesOf(modules.text)].map((line) => line.split(' ', 1)[0]))
  if (loaded.has(part)) return 'present'
  const { needs, symbol } = parts[part]
  // Where what it needs is a module, so is the part itself, and it is not loaded.
  if (loaded.has(needs)) return 'absent'
  const symbols = await access.read('/proc/kallsyms', symbolsLimit)
  if (!symbols.ok || symbols.truncated || symbols.text === '') return 'unknown'
  return symbols.text.includes(` ${symbol}`) ? 'present' : 'absent'
}
