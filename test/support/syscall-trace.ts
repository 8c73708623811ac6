import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The programs for `suiteNeeds` in suites that trace system calls. */
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
 * Runs a command and its children under strace. `start` gets the prefix for the command line; its result is returned with the
 * trace.
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

/** NETLINK_ROUTE, NETLINK_SOCK_DIAG, NETLINK_XFRM and NETLINK_NETFILTER (include/uapi/linux/netlink.h). */
const [route, socketDiagnosis, xfrm, netfilter] = [0, 4, 6, 12]
/** NFT_MSG_GETTABLE, GETCHAIN, GETRULE, GETSET, GETSETELEM, GETGEN, GETOBJ, GETFLOWTABLE; without those that reset counters. */
const nftReads = new Set([1, 4, 7, 10, 13, 16, 19, 23])
const [nftables, nftCompat] = [10, 11]

/** Whether a message of this netlink protocol only reads. */
function isReadRequest(protocol: number | undefined, type: number): boolean {
  // Message types of rtnetlink are in groups of four: new, del, get, set.
  if (protocol === route) return type >= 16 && (type - 16) % 4 === 2
  // SOCK_DIAG_BY_FAMILY and the old TCPDIAG_GETSOCK; SOCK_DESTROY, the next type, closes connections.
  if (protocol === socketDiagnosis) return type === 20 || type === 18
  // XFRM_MSG_GETSA and XFRM_MSG_GETPOLICY (include/uapi/linux/xfrm.h).
  if (protocol === xfrm) return type === 18 || type === 21
  if (protocol !== netfilter) return false
  const [subsystem, message] = [type >> 8, type & 0xff]
  return (subsystem === nftables && nftReads.has(message)) || (subsystem === nftCompat && message === 0)
}

/** `0xa07`, or `0xa<<8|0x7`. */
function messageType(text: string): number {
  const [subsystem = '', message] = text.split('<<8|')
  return message === undefined ? Number(subsystem) : Number(subsystem) * 256 + Number(message)
}

/** SYSLOG_ACTION_READ_ALL, _SIZE_UNREAD and _SIZE_BUFFER; others clear the kernel log or change the console. */
const logReads = new Set([3, 9, 10])

/** Every traced call that changes something: a rule, a link, a socket, a module, a file, the kernel log. */
export function changesIn(trace: string): string[] {
  const protocolOf = trackSockets()
  return trace.split('\n').filter((line) => {
    const protocol = protocolOf(line)
    const call = /^(?:\d+ +)?(\w+)\(/.exec(line)?.[1]
    if (call === undefined) return false
    if (/^(?:send|write)/.test(call) && /^(?:\d+ +)?\w+\(\d+<NETLINK/.test(line)) {
      // iproute2 sends more bytes than the message has: the kernel stops at the first length of 0.
      const types = [...line.matchAll(/nlmsg_len=[1-9]\d*, nlmsg_type=([\w<|]+)/g)].map(([, type = '']) =>
        messageType(type),
      )
      return types.length === 0 || types.some((type) => !isReadRequest(protocol, type))
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

/**
 * Tracks netlink sockets through a trace, line by line, and returns the protocol of a call on one. strace prints protocols itself
 * only if it runs in the same namespace and is fast enough; and it splits a call in two when another one interrupts it.
 */
function trackSockets(): (line: string) => number | undefined {
  const opening = new Map<string, number>()
  const open = new Map<string, number>()
  return (line) => {
    const [, pid = '', rest = ''] = /^(\d+ +)?(.*)$/.exec(line) ?? []
    const requested = /^socket\(0x10, [^,]+, (\w+)/.exec(rest)?.[1]
    if (requested !== undefined) opening.set(pid, Number(requested))
    const fd = /^(?:socket\(|<\.\.\. socket resumed>).*\) += (\d+)/.exec(rest)?.[1]
    const protocol = opening.get(pid)
    if (fd !== undefined && protocol !== undefined) {
      open.set(`${pid}${fd}`, protocol)
      opening.delete(pid)
    }
    return open.get(`${pid}${/^\w+\((\d+)</.exec(rest)?.[1]}`)
  }
}

/** The names of all programs that the trace tried to start. */
export function programsIn(trace: string): string[] {
  const started = trace.matchAll(/^(?:\d+ +)?execve\("[^"]*\/([^"/]+)"/gm)
  return [...new Set([...started].map(([, name = '']) => name))].toSorted()
}
