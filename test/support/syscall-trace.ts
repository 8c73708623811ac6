import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What a suite names in `suiteNeeds` to trace system calls. */
export const tracePrograms = ['strace']

const calls = [
  ...[
    'socket',
    'sendto',
    'sendmsg',
    'sendmmsg',
    'write',
    'writev',
    'setsockopt',
    'openat',
    'open',
    'creat',
    'execve',
  ],
  ...[
    'init_module',
    'finit_module',
    'delete_module',
    'syslog',
    'mount',
    'unlink',
    'unlinkat',
    'rename',
    'renameat2',
  ],
]

/**
 * Runs something under strace, with all that it starts. `start` gets what must stand before the command; what it returns is
 * given back beside the calls.
 */
export async function traceCalls<T>(
  start: (strace: string[]) => Promise<T>,
): Promise<{ result: T; trace: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'regguard-trace-'))
  const file = join(directory, 'trace')
  try {
    const result = await start([
      'strace',
      '-f',
      '-yy',
      '-X',
      'raw',
      '-e',
      `trace=${calls.join(',')}`,
      '-o',
      file,
    ])
    return { result, trace: await readFile(file, 'utf8') }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** By number, and as strace names them where it runs in the same namespace (include/uapi/linux/netlink.h). */
const protocolNames: Record<string, string> = {
  ...{ 0: 'ROUTE', 4: 'SOCK_DIAG', 12: 'NETFILTER' },
  ...{ ROUTE: 'ROUTE', SOCK_DIAG: 'SOCK_DIAG', INET_DIAG: 'SOCK_DIAG', NETFILTER: 'NETFILTER' },
}
/** NFT_MSG_GETTABLE, GETCHAIN, GETRULE, GETSET, GETSETELEM, GETGEN, GETOBJ, GETFLOWTABLE: not those that reset a counter. */
const nftReads = new Set([1, 4, 7, 10, 13, 16, 19, 23])
const [nftables, nftCompat] = [10, 11]

/** Whether a message of this netlink protocol only asks. */
function isQuestion(protocol: string | undefined, type: number): boolean {
  // The kinds of rtnetlink come in fours: new, del, get, set.
  if (protocol === 'ROUTE') return type >= 16 && (type - 16) % 4 === 2
  // SOCK_DIAG_BY_FAMILY, and TCPDIAG_GETSOCK of old; the next one, SOCK_DESTROY, closes connections.
  if (protocol === 'SOCK_DIAG') return type === 20 || type === 18
  if (protocol !== 'NETFILTER') return false
  const [subsystem, message] = [type >> 8, type & 0xff]
  return (subsystem === nftables && nftReads.has(message)) || (subsystem === nftCompat && message === 0)
}

/** `0xa07`, or `0xa<<8|0x7`. */
function messageType(text: string): number {
  const [subsystem = '', message] = text.split('<<8|')
  return message === undefined ? Number(subsystem) : Number(subsystem) * 256 + Number(message)
}

/** SYSLOG_ACTION_READ_ALL, _SIZE_UNREAD and _SIZE_BUFFER; others clear the kernel log or change its console. */
const logReads = new Set([3, 9, 10])

/** Every traced call that changes something: a rule, a link, a socket, a module, a file, the kernel log. */
export function changesIn(trace: string): string[] {
  const protocols = new Map<string, string | undefined>()
  for (const [, number = '', inode = ''] of trace.matchAll(
    /\bsocket\(0x10, [^,]+, (\w+)\) += \d+<NETLINK:\[(\d+)\]>/g,
  ))
    protocols.set(inode, protocolNames[Number(number)])
  return trace.split('\n').filter((line) => {
    const call = /^(?:\d+ +)?(\w+)\(/.exec(line)?.[1]
    if (call === undefined) return false
    const [, name, inode] = /^(?:\d+ +)?\w+\(\d+<NETLINK:\[(?:(\w+):)?(\d+)\]>/.exec(line) ?? []
    if (/^(?:send|write)/.test(call) && inode !== undefined) {
      const protocol = name === undefined ? protocols.get(inode) : protocolNames[name]
      // iproute2 sends more bytes than its message has: the kernel ends at the first length of 0.
      const types = [...line.matchAll(/nlmsg_len=[1-9]\d*, nlmsg_type=([\w<|]+)/g)].map(([, type = '']) =>
        messageType(type),
      )
      return types.length === 0 || types.some((type) => !isQuestion(protocol, type))
    }
    // IPT_SO_SET_REPLACE and IPT_SO_SET_ADD_COUNTERS of IPv4 and IPv6.
    if (call === 'setsockopt') return /\bsetsockopt\([^,]+, (?:0|0x29), 0x4[01],/.test(line)
    if (call === 'open' || call === 'openat') {
      const [, path = '', flags = ''] = /"([^"]*)", (\w+)/.exec(line) ?? []
      return path !== '/dev/null' && (Number(flags) & 0b1000011) !== 0
    }
    if (call === 'syslog') return !logReads.has(Number(/syslog\((\w+)/.exec(line)?.[1]))
    return /^(?:creat|\w*_module|mount|unlink|rename)/.test(call)
  })
}

/** The names of all programs that somebody tried to start. */
export function programsIn(trace: string): string[] {
  const started = trace.matchAll(/^(?:\d+ +)?execve\("[^"]*\/([^"/]+)"/gm)
  return [...new Set([...started].map(([, name = '']) => name))].toSorted()
}
