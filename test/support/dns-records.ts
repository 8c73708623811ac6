import { parseAddress } from '../../src/net/ip.ts'

/** A resource record, as bytes. */
export type DnsRecord = Buffer

const word = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff])

const nameBytes = (name: string): Buffer =>
  Buffer.concat([
    ...name.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)])),
    Buffer.from([0]),
  ])

const record = (name: string, type: number, data: Buffer): DnsRecord =>
  Buffer.concat([nameBytes(name), word(type), word(1), word(0), word(60), word(data.length), data])

function addressBytes(address: string, bytes: number): Buffer {
  const digits = (parseAddress(address)?.value ?? 0n).toString(16).padStart(bytes * 2, '0')
  return Buffer.from(digits, 'hex')
}

export const ipv4 = (name: string, address: string): DnsRecord => record(name, 1, addressBytes(address, 4))
export const ipv6 = (name: string, address: string): DnsRecord => record(name, 28, addressBytes(address, 16))
export const alias = (name: string, target: string): DnsRecord => record(name, 5, nameBytes(target))

/** What a response says. `count`: how many records it claims to have. */
export interface Response {
  code?: number
  truncated?: boolean
  records?: DnsRecord[]
  count?: number
}

/** The response to a query, with its question repeated. */
export function responseTo(
  query: Uint8Array,
  { code = 0, truncated = false, records = [], count = records.length }: Response,
): Buffer {
  const header = Buffer.concat([
    Buffer.from(query.subarray(0, 2)),
    word(0x8180 | (truncated ? 0x0200 : 0) | code),
    word(1),
    word(count),
    word(0),
    word(0),
  ])
  return Buffer.concat([header, query.subarray(12), ...records])
}

/** The name and the type that a query asks for. */
export function questionIn(query: Buffer): { name: string; type: 'A' | 'AAAA' } {
  const labels: string[] = []
  let at = 12
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.subarray(at + 1, at + 1 + length).toString())
    at += 1 + length
  }
  return { name: labels.join('.'), type: query.readUInt16BE(at + 1) === 28 ? 'AAAA' : 'A' }
}
