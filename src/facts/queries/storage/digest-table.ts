/**
 * Digests as numbers. A storage with a million blobs names each digest several times; as strings they would fill the memory.
 * A SHA-256 digest takes 32 bytes here and 8 in the index; any other is kept as text.
 */
export interface DigestTable {
  /** The number of a digest, which is given one if it has none. Numbers count up from 0. */
  add: (digest: string) => number
  /** The number of a digest; undefined if it was never added. */
  find: (digest: string) => number | undefined
  /** The digest of a number that `add` gave. */
  text: (id: number) => string
  /** Compares two digests as texts, without making them. */
  compare: (a: number, b: number) => number
  /** How many digests there are. */
  size: () => number
}

const prefix = 'sha256:'
const binaryLength = 32
/** So many digests are kept in one piece of memory. */
const pieceLength = 32_768

/** Makes an empty table. */
export function createDigestTable(): DigestTable {
  // Digests of other algorithms, and the number of each.
  const others = new Map<string, number>()
  const otherTexts = new Map<number, string>()
  // In pieces, so that growing copies nothing.
  const pieces: Uint8Array[] = []
  // Open addressing: the number of a digest plus one, or 0 where a slot is free. At most half of the slots are used.
  let slots = new Int32Array(2048)
  let count = 0
  const key = new Uint8Array(binaryLength)

  const isAt = (id: number): boolean => {
    const piece = pieces[Math.floor(id / pieceLength)]
    const start = (id % pieceLength) * binaryLength
    for (let at = 0; at < binaryLength; at += 1) if (piece?.[start + at] !== key[at]) return false
    return true
  }

  /** The slot of the digest in `key`, or the free one where it belongs. The first bytes of a hash are a hash. */
  const slotOf = (table: Int32Array): number => {
    const hash = ((key[0] ?? 0) << 24) | ((key[1] ?? 0) << 16) | ((key[2] ?? 0) << 8) | (key[3] ?? 0)
    let slot = (hash >>> 0) % table.length
    for (;;) {
      const held = table[slot] ?? 0
      if (held === 0 || isAt(held - 1)) return slot
      slot = (slot + 1) % table.length
    }
  }

  const bytesOf = (id: number): Uint8Array => {
    const start = (id % pieceLength) * binaryLength
    return pieces[Math.floor(id / pieceLength)]?.subarray(start, start + binaryLength) ?? new Uint8Array(0)
  }

  const grow = () => {
    if (count >= pieces.length * pieceLength) pieces.push(new Uint8Array(pieceLength * binaryLength))
    if ((count + 1) * 2 <= slots.length) return
    const larger = new Int32Array(slots.length * 2)
    for (const held of slots) {
      if (held === 0) continue
      key.set(bytesOf(held - 1))
      larger[slotOf(larger)] = held
    }
    slots = larger
  }

  const text = (id: number): string => {
    const other = otherTexts.get(id)
    if (other !== undefined) return other
    let all = prefix
    for (const byte of bytesOf(id)) all += hexOf[byte] ?? ''
    return all
  }

  return {
    add: (digest) => {
      grow()
      if (!readSha256(digest, key)) {
        const known = others.get(digest)
        if (known !== undefined) return known
        others.set(digest, count)
        otherTexts.set(count, digest)
        count += 1
        return count - 1
      }
      const slot = slotOf(slots)
      const held = slots[slot] ?? 0
      if (held > 0) return held - 1
      bytesOf(count).set(key)
      count += 1
      slots[slot] = count
      return count - 1
    },
    find: (digest) => {
      if (!readSha256(digest, key)) return others.get(digest)
      const held = slots[slotOf(slots)] ?? 0
      return held > 0 ? held - 1 : undefined
    },
    text,
    compare: (a, b) => {
      if (otherTexts.has(a) || otherTexts.has(b)) return text(a) < text(b) ? -1 : Number(a !== b)
      const [one, other] = [bytesOf(a), bytesOf(b)]
      for (let at = 0; at < binaryLength; at += 1) {
        const order = (one[at] ?? 0) - (other[at] ?? 0)
        if (order !== 0) return order
      }
      return 0
    },
    size: () => count,
  }
}

/** Each byte in two digits. */
const hexOf = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** The value of a lower-case hex digit by its character; 255 for any other. */
const digitOf = new Uint8Array(128).fill(255)
for (let value = 0; value < 16; value += 1) digitOf[value.toString(16).charCodeAt(0)] = value

/** Reads a SHA-256 digest in the form that registries write, with 64 lower-case digits; returns whether it is one. */
function readSha256(digest: string, into: Uint8Array): boolean {
  if (digest.length !== prefix.length + binaryLength * 2 || !digest.startsWith(prefix)) return false
  let wrong = 0
  for (let at = 0; at < binaryLength; at += 1) {
    const start = prefix.length + at * 2
    const high = digitOf[digest.charCodeAt(start)] ?? 255
    const low = digitOf[digest.charCodeAt(start + 1)] ?? 255
    wrong |= high | low
    into[at] = (high << 4) | low
  }
  return wrong < 16
}
