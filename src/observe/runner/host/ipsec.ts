import type { HostAccess } from '../host-access.ts'
import { outputOf } from './program-output.ts'

/** A line of /proc/net/netlink for NETLINK_XFRM: the address of the socket, then 6. */
const xfrmSocket = /^[0-9a-f]+\s+6\s/m

/**
 * Whether the kernel has policies of IPsec; undefined where that cannot be read. Asking for them would load the module for that
 * (xfrm_user), without which no program has made any, unless by PF_KEY.
 */
export async function hasIpsec(access: HostAccess): Promise<boolean | undefined> {
  const sockets = await access.read('/proc/net/netlink', 1024 * 1024)
  if (!sockets.ok) return undefined
  if (!xfrmSocket.test(sockets.text)) {
    const byKey = await access.read('/proc/net/pfkey', 1024)
    return byKey.ok ? undefined : false
  }
  const output = outputOf('ip', await access.run('ip', ['xfrm', 'policy']))
  return output.ok ? output.truncated || output.text.trim() !== '' : undefined
}
