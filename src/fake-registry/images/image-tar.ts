const BLOCK = 512

/** The files of a layer, by path without a leading slash. */
export type Files = Record<string, string | Buffer>

/** A ustar archive of regular files. The same files always give the same bytes. */
export function tarOf(files: Files): Buffer {
  const members = Object.entries(files).flatMap(([path, content]) => {
    const bytes = Buffer.from(content)
    return [headerOf(path, bytes.length), bytes, Buffer.alloc(paddingAfter(bytes.length))]
  })
  return Buffer.concat([...members, Buffer.alloc(2 * BLOCK)])
}

function headerOf(path: string, size: number): Buffer {
  if (Buffer.byteLength(path) > 100) throw new RangeError(`A ustar path may have 100 bytes at most: ${path}`)
  const header = Buffer.alloc(BLOCK)
  header.write(path, 0)
  header.write(octal(0o644, 7), 100)
  header.write(octal(0, 7), 108)
  header.write(octal(0, 7), 116)
  header.write(octal(size, 11), 124)
  header.write(octal(0, 11), 136)
  header.write('0', 156)
  header.write('ustar\u000000', 257)
  // The checksum is computed with its own field as eight spaces.
  header.write(' '.repeat(8), 148)
  const checksum = header.reduce((sum, byte) => sum + byte, 0)
  header.write(`${octal(checksum, 6)}\0 `, 148)
  return header
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0')
}

function paddingAfter(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK
}
