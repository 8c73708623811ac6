/** An address as a number, and how many bits its family has. */
interface Numeric {
  bits: 32 | 128
  value: bigint
}

/** True when the network (`172.17.0.0/16`, `fd00::/64`, a bare address) holds the address; false for what is neither. */
export function holds(network: string, address: string): boolean {
  const [base = '', length] = network.split('/')
  const [from, sought] = [numeric(base), numeric(address)]
  if (!from || !sought || from.bits !== sought.bits) return false
  const prefix = length === undefined ? from.bits : Number(length)
  if (!Number.isInteger(prefix) || prefix < 0 || prefix > from.bits) return false
  const rest = BigInt(from.bits - prefix)
  return from.value >> rest === sought.value >> rest
}

/** IPv6 addresses have colons, and no others do. */
export const isVersion6 = (address: string): boolean => address.includes(':')

/** How many bits a network's addresses share; `default` shares none. */
export const prefixLength = (network: string): number =>
  network === 'default' ? 0 : Number(network.split('/')[1] ?? (isVersion6(network) ? 128 : 32))

function numeric(address: string): Numeric | undefined {
  const bare = address.replace(/%.*$/, '').replace(/^::ffff:(?=\d+\.)/i, '')
  if (!isVersion6(bare)) {
    const bytes = bare.split('.')
    if (bytes.length !== 4 || !bytes.every((byte) => /^\d{1,3}$/.test(byte) && Number(byte) < 256))
      return undefined
    return { bits: 32, value: bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n) }
  }
  const halves = bare.split('::').map((half) => half.split(':').filter(Boolean))
  const [head = [], tail = []] = halves
  const missing = 8 - head.length - tail.length
  if (halves.length > 2 || (halves.length === 1 ? missing !== 0 : missing < 1)) return undefined
  const groups = [...head, ...Array<string>(missing).fill('0'), ...tail]
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined
  return { bits: 128, value: groups.reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n) }
}
