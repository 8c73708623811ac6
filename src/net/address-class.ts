import { BlockList, isIP } from 'node:net'

/** How far an address reaches: this machine, this link, a private network, or the world. */
export type AddressClass = 'loopback' | 'link-local' | 'private' | 'public'

const lists: [AddressClass, BlockList][] = [
  ['loopback', listOf(['127.0.0.0', 8], ['::1', 128], ['0.0.0.0', 8], ['::', 128])],
  ['link-local', listOf(['169.254.0.0', 16], ['fe80::', 10])],
  [
    'private',
    listOf(['10.0.0.0', 8], ['172.16.0.0', 12], ['192.168.0.0', 16], ['100.64.0.0', 10], ['fc00::', 7]),
  ],
]

/** The class of an IP address; an IPv4 address inside an IPv6 one counts as itself. Names are 'public'. */
export function addressClass(address: string): AddressClass {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  const plain = mapped ?? address
  const family = isIP(plain) === 6 ? 'ipv6' : 'ipv4'
  if (isIP(plain) === 0) return 'public'
  return lists.find(([, list]) => list.check(plain, family))?.[0] ?? 'public'
}

const reach: Record<AddressClass, number> = { loopback: 0, 'link-local': 1, private: 2, public: 3 }

/** True when a host of one class may send clients to an address of another: never further in than it is itself. */
export function canRedirectTo(from: AddressClass, to: AddressClass): boolean {
  // A cloud hands out credentials there; nobody keeps blobs there.
  if (to === 'link-local') return from === 'link-local'
  return reach[to] >= reach[from]
}

function listOf(...networks: [string, number][]): BlockList {
  const list = new BlockList()
  for (const [network, bits] of networks) list.addSubnet(network, bits, isIP(network) === 6 ? 'ipv6' : 'ipv4')
  return list
}

/** True for this machine itself, by address or by name (RFC 6761, `localhost`). */
export function isLoopback(hostname: string): boolean {
  const name = hostname.replace(/^\[|\]$/g, '').toLowerCase()
  return name === 'localhost' || name.endsWith('.localhost') || addressClass(name) === 'loopback'
}
