import type { Remedy } from '../../../core/remedy.ts'
import type { NamespaceKind } from '../../../facts/runner.ts'

/** How the host's network namespace can be read. */
export interface HostNetwork {
  /** The `net` directory under /proc that shows it. */
  procNet: string
  /** This process is in that namespace, so programs that it starts see it too. */
  isOwn: boolean
}

/** How the host's network namespace can be read from here; undefined where it cannot. */
export function hostNetworkFor(namespace: NamespaceKind, hostPid: boolean): HostNetwork | undefined {
  if (namespace !== 'container') return { procNet: '/proc/net', isOwn: true }
  return hostPid ? { procNet: '/proc/1/net', isOwn: false } : undefined
}

export const notInHostNetwork = 'this process is not in the host’s network namespace'
/** Any of these shows the host's network. */
export const networkRemedies: Remedy[] = ['host-snapshot', 'host-network']
/** Any of these shows what files under /proc/net contain. */
export const procRemedies: Remedy[] = [...networkRemedies, 'host-pid']

/** Why a file of the host's namespace, which should be readable, is not. */
export const whyUnreadable = (path: string, code: string): string =>
  code === 'ENOENT' && path.startsWith('/proc/1/')
    ? `${path} does not exist: /proc hides other users’ processes (hidepid)`
    : `${path} cannot be read (${code})`
