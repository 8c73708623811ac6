import type { HostAccess } from '../host-access.ts'
import { linesOf } from './lines.ts'

/** About 10 MB with the modules of a distribution. */
const symbolsLimit = 32 * 1024 * 1024

/**
 * Whether the kernel has nf_tables at work. Any question that nft or iptables-nft puts to a kernel that has it as a module
 * makes the kernel load it (nfnetlink_rcv_msg, request_module), and looking must not change what is loaded. `absent`: then it
 * holds no rule. `unknown`: it may be built in or not loaded.
 */
export async function nfTablesState(access: HostAccess): Promise<'present' | 'absent' | 'unknown'> {
  const modules = await access.read('/proc/modules')
  // A kernel without modules has everything built in, and loads nothing.
  if (!modules.ok || modules.text.trim() === '') return 'present'
  const loaded = new Set([...linesOf(modules.text)].map((line) => line.split(' ', 1)[0]))
  if (loaded.has('nf_tables')) return 'present'
  // nf_tables built in wants nfnetlink built in: where that is a module, so is the other, and it isn't loaded.
  if (loaded.has('nfnetlink')) return 'absent'
  const symbols = await access.read('/proc/kallsyms', symbolsLimit)
  if (!symbols.ok || symbols.truncated || symbols.text === '') return 'unknown'
  return symbols.text.includes(' nf_tables_new') ? 'present' : 'absent'
}
