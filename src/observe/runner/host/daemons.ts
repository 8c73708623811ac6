import type { DaemonFact } from '../../../facts/runner.ts'
import type { HostAccess } from '../host-access.ts'
import type { HostNetwork } from './host-network.ts'
import type { Processes } from './programs.ts'

const maxDaemons = 16

/**
 * The Docker daemons in the inspected network namespace, by their processes. A nested engine's daemon has a namespace of its own.
 * What /proc does not show is not known to be absent: the daemon of another PID namespace has no entry.
 */
export async function observeDaemons(
  access: HostAccess,
  network: HostNetwork,
  processes: Processes,
): Promise<DaemonFact[]> {
  const found: DaemonFact[] = []
  for (const { id, words } of await commandsIn(
    access,
    network,
    (processes.get('dockerd') ?? []).slice(0, maxDaemons),
  ))
    found.push(await daemonOf(access, id, words))
  return found
}

/** The command lines of those processes that are in the inspected network namespace. */
export async function commandsIn(
  access: HostAccess,
  { procNet }: HostNetwork,
  ids: string[],
): Promise<{ id: string; words: string[] }[]> {
  const own = ids.length > 0 ? await namespaceOf(access, procNet) : undefined
  const found: { id: string; words: string[] }[] = []
  for (const id of ids) {
    if (own === undefined || (await namespaceOf(access, `/proc/${id}/net`)) !== own) continue
    const line = await access.read(`/proc/${id}/cmdline`, 16_384)
    const words = line.ok ? line.text.split('\0').filter((word) => word !== '') : []
    if (words.length > 0) found.push({ id, words })
  }
  return found
}

/**
 * A number for a network namespace that any user may read, while /proc/PID/ns takes ptrace rights: the inode of the kernel's own
 * rtnetlink socket, which each namespace has once (measured on Linux 6.18).
 */
async function namespaceOf(access: HostAccess, procNet: string): Promise<string | undefined> {
  const sockets = await access.read(`${procNet}/netlink`)
  return sockets.ok ? /^\S+\s+0\s+0\s.*\s(\d+)\s*$/m.exec(sockets.text)?.[1] : undefined
}

async function daemonOf(access: HostAccess, id: string, words: string[]): Promise<DaemonFact> {
  const snap = words[0]?.includes('/snap/') ?? false
  const config = await configOf(access, id, words)
  const writesRules = writesRulesBy(words) ?? (config && config.iptables !== false)
  const flags = valuesOf(words, '--dns')
  const { dns = [] } = config ?? {}
  const listed = Array.isArray(dns) ? dns.filter((one) => typeof one === 'string') : []
  return {
    command: commandText(words),
    snap,
    ...(writesRules === undefined ? {} : { writesRules }),
    ...(config || flags.length > 0 ? { resolvers: [...flags, ...listed] } : {}),
  }
}

/** Flags that tell daemons apart; the values of others may hold secrets. */
const shownFlags = /^(?:-H|--host|--data-root|-g|--graph|--config-file|--iptables|--bridge|-b)(?:=|$)/

function commandText([program = '', ...flags]: string[]): string {
  const shown = flags.filter((flag, at) => {
    const before = flags[at - 1] ?? ''
    return (
      shownFlags.test(flag) || (shownFlags.test(before) && !before.includes('=') && !flag.startsWith('-'))
    )
  })
  return [program, ...shown].join(' ').slice(0, 200)
}

const writesRulesBy = (words: string[]): boolean | undefined => {
  const flag = words.findLast((word) => /^--iptables(?:=|$)/.test(word))
  return flag === undefined ? undefined : !/=(?:false|0|f)$/i.test(flag)
}

/** daemon.json, which only a process with ptrace rights over the daemon can read through /proc; without the file it is empty. */
async function configOf(
  access: HostAccess,
  id: string,
  words: string[],
): Promise<Record<string, unknown> | undefined> {
  const path = valuesOf(words, '--config-file')[0] ?? '/etc/docker/daemon.json'
  const file = await access.read(`/proc/${id}/root${path}`)
  if (!file.ok) return file.code === 'ENOENT' ? {} : undefined
  try {
    const value: unknown = JSON.parse(file.text)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return undefined
  }
}

/** The values of a flag: `--dns=192.0.2.1` or `--dns 192.0.2.1`. */
const valuesOf = (words: string[], flag: string): string[] =>
  words.flatMap((word, at) => {
    if (word.startsWith(`${flag}=`)) return [word.slice(flag.length + 1)]
    const next = words[at + 1]
    return word === flag && next !== undefined ? [next] : []
  })
