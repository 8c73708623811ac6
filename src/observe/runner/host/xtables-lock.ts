import type { RulesFact } from '../../../facts/runner.ts'
import type { HostAccess } from '../host-access.ts'
import { outputOf } from './area.ts'
import { pause, type Window } from './window.ts'

/** A lock of a whole file that somebody holds, as /proc/locks tells. */
export interface FileLock {
  pid: number
  /** Device and inode: `00:1a:1234`. */
  file: string
}

/** Reads /proc/locks (proc(5)); those who wait for a lock (`->`) hold none. */
export function parseLocks(text: string): FileLock[] {
  const rows = text.matchAll(/^\d+: FLOCK +\S+ +WRITE +(\d+) ([0-9a-f]+:[0-9a-f]+:\d+) /gm)
  return [...rows].map(([, pid = '', file = '']) => ({ pid: Number(pid), file }))
}

/** A file as /proc/locks names it, from `stat -c '%d %i'`: the kernel's major and minor number in one (makedev(3)). */
export function lockedFile(stat: string): string | undefined {
  const [, device = '', inode = ''] = /^(\d{1,15}) (\d{1,20})\s*$/.exec(stat) ?? []
  if (inode === '') return undefined
  const number = Number(device)
  const [major, minor] = [(number >> 8) & 0xfff, (number & 0xff) | ((number >> 12) & 0xfff00)]
  return `${[major, minor].map((part) => part.toString(16).padStart(2, '0')).join(':')}:${inode}`
}

const lockPath = '/run/xtables.lock'
/** Programs that lock nothing else; where the host's /run is not to be seen, the lock is known by them. */
const lockers = /^(?:xtables|ip6?tables|arptables|ebtables)/
const everyMs = 50

/** Who held the lock of iptables-legacy for longest during the window; undefined when nobody was seen with it. */
export async function watchLock(access: HostAccess, window: Window): Promise<RulesFact['lock']> {
  const stat = outputOf('stat', await access.run('stat', ['-c', '%d %i', lockPath]))
  const file = stat.ok ? lockedFile(stat.text) : undefined
  let longest: RulesFact['lock']
  let held: { pid: number; name: string; since: number } | undefined
  do {
    const holder = await holderOf(access, file)
    const now = access.now()
    if (!holder) held = undefined
    else if (held?.pid !== holder.pid) held = { ...holder, since: now }
    if (held && (!longest || now - held.since > longest.waitedMs))
      longest = { heldBy: held.name, waitedMs: now - held.since }
    await pause(access, Math.min(everyMs, window.until - now))
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
    if (lock.file === file || lockers.test(name)) return { pid: lock.pid, name }
  }
  return undefined
}
