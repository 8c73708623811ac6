import { posix } from 'node:path'

/** Follows a tar archive as Go's `archive/tar` reads it, which containerd, Docker and podman use. */
export interface Archive {
  take: (chunk: Buffer) => void
  /**
   * After the last chunk: whether all headers can be read. `cut` is Go's “unexpected EOF”, `invalid` its “invalid tar header”, and
   * `escaping` an archive with an entry above its root.
   */
  end: () => ArchiveState
}
type ArchiveState = 'readable' | 'cut' | 'invalid' | 'escaping'

const blockBytes = 512
/** Go reads longer extended headers as invalid (`maxSpecialFileSize`). */
const maxExtendedBytes = 1024 * 1024

type Part = 'header' | 'after-zeros' | 'data' | 'padding' | 'extended' | 'sparse-map' | 'done' | 'invalid'

/**
 * Reads the headers of an archive and skips its files. An archive ends with two blocks of zeros, or where the data ends: Go accepts
 * archives without an end, and whatever follows it.
 */
export function followTar(): Archive {
  let part: Part = 'header'
  /** The bytes of the current block or extended header so far, and how many it has in all. */
  let collected: Buffer[] = []
  let missing = blockBytes
  /** What is left of data or padding. */
  let skip = 0
  let padding = 0
  let sizeAfterMap = 0
  let extendedSize: number | undefined
  let type = ''
  /** The name of the next entry, from an extended header. */
  let longName: string | undefined
  let escapes = false

  const collect = (next: Part, bytes: number) => {
    part = next
    collected = []
    missing = bytes
  }
  const pass = (size: number) => {
    skip = size
    padding = (blockBytes - (size % blockBytes)) % blockBytes
    part = 'data'
    if (skip === 0) pad()
  }
  const pad = () => {
    skip = padding
    if (skip > 0) part = 'padding'
    else collect('header', blockBytes)
  }
  const header = (block: Buffer) => {
    if (isZero(block)) return collect('after-zeros', blockBytes)
    const read = parseHeader(block)
    if (!read) {
      part = 'invalid'
      return
    }
    type = read.type
    const size = headerOnly.has(type) ? 0 : (extendedSize ?? read.size)
    if (extendedHeaders.has(type)) return extended(read.size)
    escapes ||= isAboveRoot(longName ?? read.name)
    longName = undefined
    extendedSize = undefined
    sizeAfterMap = size
    if (size < 0 || (type === sparseType && !read.isGnu)) part = 'invalid'
    else if (type === sparseType && block[sparseFlag] !== 0) collect('sparse-map', blockBytes)
    else pass(size)
  }
  const extended = (size: number) => {
    if (size < 0 || size > maxExtendedBytes) part = 'invalid'
    else if (size === 0) extendedDone(Buffer.alloc(0))
    else collect('extended', size)
  }
  const extendedDone = (content: Buffer) => {
    padding = (blockBytes - (content.length % blockBytes)) % blockBytes
    const records = type === paxType || type === paxGlobalType ? parsePax(content) : {}
    if (!records) {
      part = 'invalid'
      return
    }
    // Go returns a global header as an entry, and forgets the records before it.
    if (type === paxType || type === paxGlobalType) extendedSize = type === paxType ? records.size : undefined
    if (type === paxType) longName = records.path ?? longName
    else if (type === gnuNameType) longName = textOf(content)
    pad()
  }
  const collectedAll = (block: Buffer) => {
    if (part === 'header') header(block)
    else if (part === 'after-zeros') part = isZero(block) ? 'done' : 'invalid'
    else if (part === 'extended') extendedDone(block)
    else if (block[sparseFlagInMap] !== 0) collect('sparse-map', blockBytes)
    else pass(sizeAfterMap)
  }

  return {
    take: (chunk) => {
      let at = 0
      while (at < chunk.length && part !== 'done' && part !== 'invalid') {
        if (part === 'data' || part === 'padding') {
          const step = Math.min(skip, chunk.length - at)
          at += step
          skip -= step
          if (skip > 0) continue
          if (part === 'data') pad()
          else collect('header', blockBytes)
        } else {
          // A copy, so that the chunk can be freed.
          const bytes = Buffer.from(chunk.subarray(at, at + missing))
          at += bytes.length
          missing -= bytes.length
          collected.push(bytes)
          if (missing === 0) collectedAll(Buffer.concat(collected))
        }
      }
    },
    end: () => {
      const readable = escapes ? 'escaping' : 'readable'
      if (part === 'invalid') return 'invalid'
      if (part === 'done' || part === 'padding') return readable
      if (part === 'header' || part === 'after-zeros') return collected.length === 0 ? readable : 'cut'
      return 'cut'
    },
  }
}

/** True for a name that leads out of the directory into which an archive is unpacked. */
function isAboveRoot(name: string): boolean {
  const path = posix.normalize(name.replace(/^\/+/, ''))
  return path === '..' || path.startsWith('../')
}

/** The text of a field, which ends at the first NUL. */
const textOf = (field: Buffer): string => field.toString('latin1').split('\0')[0] ?? ''

const isZero = (block: Buffer): boolean => block.every((byte) => byte === 0)

const sparseType = 'S'
const paxType = 'x'
const paxGlobalType = 'g'
const gnuNameType = 'L'
/** PAX records, and the long names and link names of GNU. */
const extendedHeaders = new Set([paxType, paxGlobalType, gnuNameType, 'K'])
/** Links, devices, directories and FIFOs have no data, whatever size they state. */
const headerOnly = new Set(['1', '2', '3', '4', '5', '6'])
/** Where a header of GNU, or a block of its sparse map, says that another block of the map follows. */
const sparseFlag = 482
const sparseFlagInMap = 504

interface Header {
  type: string
  name: string
  size: number
  isGnu: boolean
}

/** Parses the fields that Go requires to be valid. */
function parseHeader(block: Buffer): Header | undefined {
  const checksum = parseOctal(block.subarray(148, 156))
  const sums = checksumsOf(block)
  if (checksum === undefined || !sums.includes(checksum)) return undefined
  const magic = block.toString('latin1', 257, 263)
  const isUstar = magic === 'ustar\0'
  const isGnu = magic === 'ustar ' && block.toString('latin1', 263, 265) === ' \0'
  const size = parseNumber(block.subarray(124, 136))
  // Mode, owner, group and time; of the newer formats also the device.
  const others = [
    [100, 108],
    [108, 116],
    [116, 124],
    [136, 148],
    ...(isUstar || isGnu
      ? [
          [329, 337],
          [337, 345],
        ]
      : []),
  ].map(([from, to]) => parseNumber(block.subarray(from, to)))
  if (size === undefined || others.includes(undefined)) return undefined
  const prefix = isUstar ? textOf(block.subarray(345, 500)) : ''
  const name = `${prefix ? `${prefix}/` : ''}${textOf(block.subarray(0, 100))}`
  return { type: String.fromCharCode(block[156] ?? 0), name, size, isGnu }
}

/** The sums of all bytes, with the checksum's own field as spaces: of unsigned bytes, and of signed ones as old tars computed it. */
function checksumsOf(block: Buffer): number[] {
  let unsigned = 0
  let signed = 0
  for (const [at, byte] of block.entries()) {
    const value = at >= 148 && at < 156 ? 0x20 : byte
    unsigned += value
    signed += value > 127 ? value - 256 : value
  }
  return [unsigned, signed]
}

/** A number in octal digits, or in base 256 if the first bit is set. */
function parseNumber(field: Buffer): number | undefined {
  const [first = 0] = field
  if (!(first & 0x80)) return parseOctal(field)
  const isNegative = (first & 0x40) !== 0
  // A value that exceeds 64 bits is invalid.
  let value = BigInt(isNegative ? (first | 0x80) - 0x100 : first & 0x7f)
  for (const byte of field.subarray(1)) value = value * 256n + BigInt(byte)
  return value >= -(2n ** 63n) && value < 2n ** 63n ? Number(value) : undefined
}

function parseOctal(field: Buffer): number | undefined {
  const digits =
    field
      .toString('latin1')
      .replace(/^[ \0]+|[ \0]+$/g, '')
      .split('\0')[0] ?? ''
  if (digits === '') return 0
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : undefined
}

/** The size and the path in PAX records, each `LENGTH KEY=VALUE\n`; undefined if they are invalid. */
function parsePax(content: Buffer): { size?: number; path?: string } | undefined {
  let rest = content.toString('latin1')
  const found: { size?: number; path?: string } = {}
  while (rest.length > 0) {
    const [, digits = ''] = /^(\d+) /.exec(rest) ?? []
    const length = Number(digits)
    const record = rest.slice(digits.length + 1, length)
    const equals = record.indexOf('=')
    if (digits === '' || length < 5 || length > rest.length || !record.endsWith('\n') || equals < 0)
      return undefined
    const key = record.slice(0, equals)
    const value = record.slice(equals + 1, -1)
    if (key === 'size' && value !== '') {
      if (!/^\+?\d+$/.test(value)) return undefined
      found.size = Number(value)
    } else if (key === 'path' && value !== '') found.path = value
    rest = rest.slice(length)
  }
  return found
}
