import type { RulesFact } from '../../../facts/runner.ts'
import type { HostAccess } from '../host-access.ts'
import { outputOf } from './program-output.ts'
import { pause, type Window } from './window.ts'

/** A held lock on a whole file, from /proc/locks. */
export interface FileLock {
  pid: number
  /** Device and inode: `00:1a:1234`. */
  file: string
}

/** Parses /proc/locks (proc(5)); entries that wait for a lock (`->`) are skipped. */
export function parseLocks(text: string): FileLock[] {
  const rows = text.matchAll(/^\d+: FLOCK +\S+ +WRITE +(\d+) ([0-9a-f]+:[0-9a-f]+:\d+) /gm)
  return [...rows].map(([, pid = '', file = '']) => ({ pid: Number(pid), file }))
}

/** The name of a file in /proc/locks, from `stat -c '%d %i'`, whose device number combines major and minor (makedev(3)). */
export function lockedFile(stat: string): string | undefined {
  const [, device = '', inode = ''] = /^(\d{1,15}) (\d{1,20})\s*$/.exec(stat) ?? []
  if (inode === '') return undefined
  const number = Number(device)
  const [major, minor] = [(number >> 8) & 0xfff, (number & 0xff) | ((number >> 12) & 0xfff00)]
  return `${[major, minor].map((part) => part.toString(16).padStart(2, '0')).join(':')}:${inode}`
}

const lockPath = '/run/xtables.lock'
/** Programs that lock nothing else: they identify the lock where the host's /run is not visible. */
const iptablesPrograms = /^(?:xtables|ip6?tables|arptables|ebtables)/
const intervalMs = 50

/** The program that held the lock of iptables-legacy for longest during the window; undefined when none was seen holding it. */
export async function watchLock(access: HostAccess, window: Window): Promise<RulesFact['lock']> {
  const stat = outputOf('stat', await access.run('stat', ['-c', '%d %i', lockPath]))
  const file = stat.ok ? lockedFile(stat.text) : undefined
  let longest: RulesFact['lock']
  let current: { pid: number; name: string; since: number } | undefined
  do {
    const holder = await holderOf(access, file)
    const now = access.now()
    if (!holder) current = undefined
    else if (current?.pid !== holder.pid) current = { ...holder, since: now }
    if (current && (!longest || now - current.since > longest.waitedMs))
      longest = { heldBy: current.name, waitedMs: now - current.since }
    await pause(access, Math.min(intervalMs, window.until - now))
  } while (access.now() < window.until && !access.signal.aborted)
  return longest
}

async function holderOf(
  access: HostAccess,
  file: string | undefined,
): Promise<{ pid: number; name: string } | undefined> {
  const locks = await access.read('/proc/locks')
  for (const lock of locks.ok ? parseLocks(locks.text) : []) {
    const comm = await access.read(`/proc/${lock.pid}/comm`, 4096)
    const name = comm.ok ? comm.text.trim().slice(0, 64) : `process ${lock.pid}`
    if (lock.file === file || iptablesPrograms.test(name)) return { pid: lock.pid, name }
  }
  return undefined
}
