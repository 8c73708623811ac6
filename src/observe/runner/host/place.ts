import type { Remedy } from '../../../core/remedy.ts'
import type { NamespaceKind } from '../../../facts/runner.ts'

/** Where the host's network can be read. */
export interface Place {
  /** The directory of its /proc/net. */
  net: string
  /** Programs see it too: this process is in that namespace. */
  own: boolean
}

/** Where the host's network can be read from here; undefined where it can't. */
export function placeOf(namespace: NamespaceKind, hostPid: boolean): Place | undefined {
  if (namespace !== 'container') return { net: '/proc/net', own: true }
  return hostPid ? { net: '/proc/1/net', own: false } : undefined
}

export const elsewhere = 'this process is not in the host’s network namespace'
/** What shows the host's network. */
export const networkNeeds: Remedy[] = ['host-snapshot', 'host-network']
/** What shows those parts of it that files under /proc/net tell. */
export const procNeeds: Remedy[] = [...networkNeeds, 'host-pid']

/** Why a file of a namespace that should be readable is not. */
export const unreadable = (path: string, code: string): string =>
  code === 'ENOENT' && path.startsWith('/proc/1/')
    ? `${path} is not there: /proc hides other users’ processes (hidepid)`
    : `${path} cannot be read (${code})`
