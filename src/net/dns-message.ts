import { addressFromBytes } from './ip.ts'

/** The record types that a name lookup asks for, by their numbers. */
const recordTypes = { A: 1, AAAA: 28 } as const
export type RecordType = keyof typeof recordTypes

const cnameType = 5
const internetClass = 1
const headerBytes = 12
/** RFC 1035, section 2.3.4. */
const maxNameBytes = 255
const maxLabelBytes = 63

/** The parts of a DNS response that decide the result of a lookup. */
export interface DnsResponse {
  id: number
  /** The name and the type that it answers, as far as it repeats them. */
  question?: { name: string; type: number }
  truncated: boolean
  /** The response code: 0 no error, 2 server failure, 3 no such name, 5 refused (RFC 1035, section 4.1.1). */
  code: number
  /** In the order of the message. */
  addresses: { name: string; type: RecordType; address: string }[]
  aliases: { name: string; target: string }[]
}

/** A query for one type of record, without EDNS as libc sends it; undefined for what cannot be a name in DNS. */
export function encodeQuery(id: number, name: string, type: RecordType): Uint8Array | undefined {
  const labels = name.replace(/\.$/, '').split('.')
  const encoded = labels.map((label) => new TextEncoder().encode(label))
  const nameBytes = encoded.reduce((sum, label) => sum + label.length + 1, 1)
  if (nameBytes > maxNameBytes || encoded.some(({ length }) => length === 0 || length > maxLabelBytes))
    return undefined
  const recursionDesired = 1
  const question = encoded.flatMap((label) => [label.length, ...label])
  const header = [...word(id), recursionDesired, 0, ...word(1), 0, 0, 0, 0, 0, 0]
  return Uint8Array.from([...header, ...question, 0, ...word(recordTypes[type]), ...word(internetClass)])
}

const word = (value: number): [number, number] => [(value >> 8) & 0xff, value & 0xff]

/** Reads a response; undefined for anything else. */
export function parseResponse(message: Uint8Array): DnsResponse | undefined {
  try {
    return responseIn(message)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

/** Throws a RangeError where the message ends too early or a name is not one. */
function responseIn(message: Uint8Array): DnsResponse | undefined {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength)
  const flags = view.getUint16(2)
  const isResponse = (flags & 0x8000) !== 0
  if (!isResponse) return undefined
  const response: DnsResponse = {
    id: view.getUint16(0),
    truncated: (flags & 0x0200) !== 0,
    code: flags & 0x000f,
    addresses: [],
    aliases: [],
  }
  const questions = view.getUint16(4)
  const answers = view.getUint16(6)
  let at = headerBytes
  for (let number = 0; number < questions; number += 1) {
    const { name, end } = nameAt(message, at)
    response.question ??= { name, type: view.getUint16(end) }
    at = end + 4
  }
  for (let number = 0; number < answers; number += 1) {
    // A truncated message may end anywhere.
    if (response.truncated && at >= message.length) break
    const { name, end } = nameAt(message, at)
    const type = view.getUint16(end)
    const length = view.getUint16(end + 8)
    const start = end + 10
    if (start + length > message.length) throw new RangeError('the record is longer than the message')
    if (type === cnameType) response.aliases.push({ name, target: nameAt(message, start).name })
    const family = familyOf(type, length)
    if (family) {
      const address = addressFromBytes([...message.subarray(start, start + length)])
      response.addresses.push({ name, type: family, address })
    }
    at = start + length
  }
  return response
}

function familyOf(type: number, length: number): RecordType | undefined {
  if (type === recordTypes.A && length === 4) return 'A'
  return type === recordTypes.AAAA && length === 16 ? 'AAAA' : undefined
}

/** A name in lower case, and where it ends. Each pointer must lead further back, so that no name is endless. */
function nameAt(message: Uint8Array, start: number): { name: string; end: number } {
  const labels: string[] = []
  let at = start
  let end: number | undefined
  let before = start
  let bytes = 0
  for (;;) {
    const length = byteAt(message, at)
    if (length === 0) return { name: labels.join('.'), end: end ?? at + 1 }
    if (length >= 0xc0) {
      const target = ((length & 0x3f) << 8) | byteAt(message, at + 1)
      end ??= at + 2
      if (target >= before) throw new RangeError('a pointer leads forward')
      before = target
      at = target
      continue
    }
    bytes += length + 1
    if (length > maxLabelBytes || bytes > maxNameBytes) throw new RangeError('the name is too long')
    if (at + 1 + length > message.length) throw new RangeError('the name is longer than the message')
    labels.push(String.fromCharCode(...message.subarray(at + 1, at + 1 + length)).toLowerCase())
    at += 1 + length
  }
}

function byteAt(message: Uint8Array, at: number): number {
  const byte = message[at]
  if (byte === undefined) throw new RangeError('the message ends too early')
  return byte
}
