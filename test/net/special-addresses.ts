import type { AddressClass } from '../../src/net/address-class.ts'

/** A range of an IANA registry or an RFC: its first address, one inside, and its last; the class that each of them has. */
export type Special = [range: string, is: AddressClass, first: string, inside: string, last: string]

/** Every row of https://www.iana.org/assignments/iana-ipv4-special-registry (2025-10), and multicast. */
export const specialIpv4: Special[] = [
  ['0.0.0.0/8', 'this-network', '0.0.0.1', '0.1.2.3', '0.255.255.255'],
  ['0.0.0.0/32', 'unspecified', '0.0.0.0', '0.0.0.0', '0.0.0.0'],
  ['10.0.0.0/8', 'private', '10.0.0.0', '10.1.2.3', '10.255.255.255'],
  ['100.64.0.0/10', 'private', '100.64.0.0', '100.100.1.2', '100.127.255.255'],
  ['127.0.0.0/8', 'loopback', '127.0.0.0', '127.0.0.1', '127.255.255.255'],
  ['169.254.0.0/16', 'link-local', '169.254.0.0', '169.254.169.254', '169.254.255.255'],
  ['172.16.0.0/12', 'private', '172.16.0.0', '172.17.0.1', '172.31.255.255'],
  ['192.0.0.0/24', 'special-purpose', '192.0.0.0', '192.0.0.192', '192.0.0.255'],
  ['192.0.0.0/29', 'special-purpose', '192.0.0.0', '192.0.0.1', '192.0.0.7'],
  ['192.0.0.8/32', 'special-purpose', '192.0.0.8', '192.0.0.8', '192.0.0.8'],
  ['192.0.0.9/32', 'special-purpose', '192.0.0.9', '192.0.0.9', '192.0.0.9'],
  ['192.0.0.10/32', 'special-purpose', '192.0.0.10', '192.0.0.10', '192.0.0.10'],
  ['192.0.0.170/32', 'special-purpose', '192.0.0.170', '192.0.0.170', '192.0.0.170'],
  ['192.0.0.171/32', 'special-purpose', '192.0.0.171', '192.0.0.171', '192.0.0.171'],
  ['192.0.2.0/24', 'documentation', '192.0.2.0', '192.0.2.1', '192.0.2.255'],
  ['192.31.196.0/24', 'special-purpose', '192.31.196.0', '192.31.196.1', '192.31.196.255'],
  ['192.52.193.0/24', 'special-purpose', '192.52.193.0', '192.52.193.1', '192.52.193.255'],
  ['192.88.99.0/24', 'special-purpose', '192.88.99.0', '192.88.99.1', '192.88.99.255'],
  ['192.88.99.2/32', 'special-purpose', '192.88.99.2', '192.88.99.2', '192.88.99.2'],
  ['192.168.0.0/16', 'private', '192.168.0.0', '192.168.1.1', '192.168.255.255'],
  ['192.175.48.0/24', 'special-purpose', '192.175.48.0', '192.175.48.6', '192.175.48.255'],
  ['198.18.0.0/15', 'benchmarking', '198.18.0.0', '198.19.0.1', '198.19.255.255'],
  ['198.51.100.0/24', 'documentation', '198.51.100.0', '198.51.100.9', '198.51.100.255'],
  ['203.0.113.0/24', 'documentation', '203.0.113.0', '203.0.113.7', '203.0.113.255'],
  ['240.0.0.0/4', 'reserved', '240.0.0.0', '250.1.2.3', '255.255.255.254'],
  ['255.255.255.255/32', 'broadcast', '255.255.255.255', '255.255.255.255', '255.255.255.255'],
  ['224.0.0.0/4', 'multicast', '224.0.0.0', '224.0.0.1', '239.255.255.255'],
]

/** Every row of https://www.iana.org/assignments/iana-ipv6-special-registry (2025-10) without an IPv4 address inside. */
export const specialIpv6: Special[] = [
  ['::1/128', 'loopback', '::1', '::1', '::1'],
  ['::/128', 'unspecified', '::', '::', '::'],
  ['100::/64', 'special-purpose', '100::', '100::1', '100::ffff:ffff:ffff:ffff'],
  ['100:0:0:1::/64', 'special-purpose', '100:0:0:1::', '100:0:0:1::1', '100::1:ffff:ffff:ffff:ffff'],
  ['2001::/23', 'special-purpose', '2001:1::', '2001:100::1', '2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['2001:1::1/128', 'special-purpose', '2001:1::1', '2001:1::1', '2001:1::1'],
  ['2001:1::2/128', 'special-purpose', '2001:1::2', '2001:1::2', '2001:1::2'],
  ['2001:1::3/128', 'special-purpose', '2001:1::3', '2001:1::3', '2001:1::3'],
  ['2001:2::/48', 'benchmarking', '2001:2::', '2001:2::1', '2001:2:0:ffff:ffff:ffff:ffff:ffff'],
  ['2001:3::/32', 'special-purpose', '2001:3::', '2001:3::1', '2001:3:ffff:ffff:ffff:ffff:ffff:ffff'],
  [
    '2001:4:112::/48',
    'special-purpose',
    '2001:4:112::',
    '2001:4:112::6',
    '2001:4:112:ffff:ffff:ffff:ffff:ffff',
  ],
  ['2001:10::/28', 'special-purpose', '2001:10::', '2001:11::1', '2001:1f:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['2001:20::/28', 'special-purpose', '2001:20::', '2001:21::1', '2001:2f:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['2001:30::/28', 'special-purpose', '2001:30::', '2001:31::1', '2001:3f:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['2001:db8::/32', 'documentation', '2001:db8::', '2001:db8::1', '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff'],
  [
    '2620:4f:8000::/48',
    'special-purpose',
    '2620:4f:8000::',
    '2620:4f:8000::6',
    '2620:4f:8000:ffff:ffff:ffff:ffff:ffff',
  ],
  ['3fff::/20', 'documentation', '3fff::', '3fff:1::1', '3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['5f00::/16', 'special-purpose', '5f00::', '5f00::1', '5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['fc00::/7', 'private', 'fc00::', 'fd00:ec2::254', 'fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['fe80::/10', 'link-local', 'fe80::', 'fe80::1', 'febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
]

/** Rows of that registry whose addresses have an IPv4 address inside. */
export const carriers = ['::ffff:0:0/96', '64:ff9b::/96', '64:ff9b:1::/48', '2001::/32', '2002::/16']

/** Ranges of IPv6 that are in neither registry: multicast, what is deprecated, and what is not assigned. */
export const otherIpv6: Special[] = [
  ['ff00::/8', 'multicast', 'ff00::', 'ff02::1', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['fec0::/10', 'private', 'fec0::', 'fec0::1', 'feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['200::/7', 'reserved', '200::', '200::1', '3ff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['4000::/2', 'reserved', '4000::', '4000::1', '5eff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['fe00::/9', 'reserved', 'fe00::', 'fe00::1', 'fe7f:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
]

/** An IPv4 address in every IPv6 form that stands for it, as a URL may have it. */
export function formsOf(address: string): [form: string, address: string][] {
  const bytes = address.split('.').map(Number)
  const hex = (part: number[]) => part.map((byte) => byte.toString(16).padStart(2, '0')).join('')
  const [head, tail] = [hex(bytes.slice(0, 2)), hex(bytes.slice(2))]
  const flipped = bytes.map((byte) => 255 - byte)
  const [a, b, c, d] = bytes.map((byte) => hex([byte]))
  const forms: [string, string][] = [
    ['mapped', `::ffff:${address}`],
    ['mapped, in hexadecimal', `::ffff:${head}:${tail}`],
    ['mapped, in full', `0:0:0:0:0:ffff:${head}:${tail}`],
    ['translated (SIIT)', `::ffff:0:${head}:${tail}`],
    ['NAT64', `64:ff9b::${head}:${tail}`],
    ['NAT64 of local use', `64:ff9b:1::${head}:${tail}`],
    ['NAT64 of local use, /96 in a subnet', `64:ff9b:1:77::${head}:${tail}`],
    ['6to4', `2002:${head}:${tail}::1`],
    ['Teredo', `2001:0:c000:22d:8000:63bf:${hex(flipped.slice(0, 2))}:${hex(flipped.slice(2))}`],
    ['ISATAP', `2a00:1450:4001:800:0:5efe:${head}:${tail}`],
    ['ISATAP of a global address', `2a00:1450:4001:800:200:5efe:${head}:${tail}`],
  ]
  // As these, 0.0.0.0 and 0.0.0.1 are :: and ::1; and a prefix of 48 bits before 0.0.0.0 reads as one of 96 bits.
  if (!/^0\.0\.0\.[01]$/.test(address)) {
    forms.push(['compatible', `::${head}:${tail}`])
    forms.push(['NAT64 of local use, /48', `64:ff9b:1:${a}${b}:${`00${c}`}:${d}00::`])
  }
  return forms
}
