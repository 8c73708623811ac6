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

  return {
    add: (digest) => {
      if (!isSha256(digest)) {
        const known = others.get(digest)
        if (known !== undefined) return known
        grow()
        others.set(digest, count)
        otherTexts.set(count, digest)
        count += 1
        return count - 1
      }
      grow()
      readHex(digest, key)
      const slot = slotOf(slots)
      const held = slots[slot] ?? 0
      if (held > 0) return held - 1
      bytesOf(count).set(key)
      count += 1
      slots[slot] = count
      return count - 1
    },
    find: (digest) => {
      if (!isSha256(digest)) return others.get(digest)
      readHex(digest, key)
      const held = slots[slotOf(slots)] ?? 0
      return held > 0 ? held - 1 : undefined
    },
    text: (id) => otherTexts.get(id) ?? `${prefix}${Array.from(bytesOf(id), hexOf).join('')}`,
    size: () => count,
  }
}

const hexOf = (byte: number): string => byte.toString(16).padStart(2, '0')

/** Whether it is a SHA-256 digest in the form that registries write: 64 lower-case digits. */
const isSha256 = (digest: string): boolean => /^sha256:[0-9a-f]{64}$/.test(digest)

function readHex(digest: string, into: Uint8Array): void {
  for (let at = 0; at < binaryLength; at += 1) {
    const start = prefix.length + at * 2
    into[at] = Number.parseInt(digest.slice(start, start + 2), 16)
  }
}
