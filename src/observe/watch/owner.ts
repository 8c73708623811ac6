import { readFileSync, readlinkSync } from 'node:fs'

/** A process that takes a lock. */
export interface Owner {
  pid: number
  host: string
  /** Whether a process of this host runs. */
  isAlive: (pid: number) => boolean
  /**
   * The boot of this kernel and this space of process numbers: only within one of them two numbers can be compared. Absent where no
   * `/proc` says so.
   */
  space?: string
  /** When a process of this space started, in ticks since the boot; undefined for one that does not run. */
  startedAt: (pid: number) => string | undefined
}

/** This process as an owner. */
export function ownerOf(pid: number, host: string, isAlive: Owner['isAlive']): Owner {
  const space = textOf(() => {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    return `${boot} ${readlinkSync('/proc/self/ns/pid')}`
  })
  return { pid, host, isAlive, startedAt, ...(space === undefined ? {} : { space }) }
}

/** Field 22 of `/proc/PID/stat` (proc(5)); the name before it may contain spaces and parentheses. */
const startedAt = (pid: number): string | undefined =>
  textOf(() => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  })

function textOf(read: () => string | undefined): string | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
