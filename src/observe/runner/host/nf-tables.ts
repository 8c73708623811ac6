import type { HostAccess } from '../host-access.ts'
import { linesOf } from './lines.ts'

/** About 10 MB with the modules of a distribution. */
const symbolsLimit = 32 * 1024 * 1024

/**
 * Whether nf_tables is active in the kernel. A kernel that has it as a module loads it on any request by nft or iptables-nft
 * (nfnetlink_rcv_msg, request_module), and an inspection must not change what is loaded. `absent`: it has no rules.
 * `unknown`: it may be built in or not loaded.
 */
export async function nfTablesState(access: HostAccess): Promise<'present' | 'absent' | 'unknown'> {
  const modules = await access.read('/proc/modules')
  // A kernel without modules has everything built in and loads nothing.
  if (!modules.ok || modules.text.trim() === '') return 'present'
  const loaded = new Set([...linesOf(modules.text)].map((line) => line.split(' ', 1)[0]))
  if (loaded.has('nf_tables')) return 'present'
  // A built-in nf_tables requires a built-in nfnetlink: where nfnetlink is a module, so is nf_tables, and it is not loaded.
  if (loaded.has('nfnetlink')) return 'absent'
  const symbols = await access.read('/proc/kallsyms', symbolsLimit)
  if (!symbols.ok || symbols.truncated || symbols.text === '') return 'unknown'
  return symbols.text.includes(' nf_tables_new') ? 'present' : 'absent'
}
