import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { tarOf } from '../../../src/fake-registry/images/image-tar.ts'
import { seededBytes } from '../../../src/fake-registry/images/images.ts'
import { followTar } from '../../../src/observe/image/tar.ts'
import { chunkLengths, chunksOf } from './frames.ts'

function judge(archive: Buffer, lengths = [65_536]) {
  const follower = followTar()
  for (const chunk of chunksOf(archive, lengths)) follower.take(chunk)
  return follower.end()
}

/** A header with a right checksum, changed by `change`. */
function header(size: number, type = '0', change: (block: Buffer) => void = () => {}): Buffer {
  const block = Buffer.alloc(512)
  block.write('file')
  block.write('0000644\0', 100)
  block.write(`${size.toString(8).padStart(11, '0')}\0`, 124)
  block.write(type, 156)
  change(block)
  block.write('        ', 148)
  const sum = block.reduce((all, byte) => all + byte, 0)
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return block
}
const blocks = (count: number) => Buffer.alloc(512 * count)
const padded = (content: string) =>
  Buffer.concat([Buffer.from(content), Buffer.alloc((512 - (content.length % 512)) % 512)])
const archive = (...parts: Buffer[]) => Buffer.concat([...parts, blocks(2)])
const gnu = (block: Buffer) => block.write('ustar  \0', 257, 'latin1')
const files = tarOf({ 'etc/a': 'content', 'etc/b': seededBytes('b', 2000) })
const afterFirstHeader = Buffer.concat([header(700), Buffer.alloc(700)])

test('archives of files are readable in any chunks', () => {
  fc.assert(
    fc.property(chunkLengths, (lengths) => {
      expect(judge(files, lengths)).toBe('readable')
    }),
    { numRuns: 50 },
  )
})

const named = (name: string, type = '0'): Buffer =>
  header(0, type, (block) => block.fill(0, 0, 100).write(name))
const ustar = (prefix: string, name: string): Buffer =>
  header(0, '0', (block) => {
    block.fill(0, 0, 100).write(name)
    block.write('ustar\x0000', 257, 'latin1')
    block.write(prefix, 345)
  })

test.each<[string, Buffer, string]>([
  ['../file', named('../file'), 'escaping'],
  ['a directory ..', named('..', '5'), 'escaping'],
  ['a/../../file', named('a/../../file'), 'escaping'],
  ['an absolute /../file', named('/../file'), 'escaping'],
  ['../file after others', Buffer.concat([named('a'), named('../file'), named('b')]), 'escaping'],
  ['a prefix that leads above', ustar('..', 'file'), 'escaping'],
  [
    'a long name that leads above',
    Buffer.concat([header(8, 'L', gnu), padded('../file\0'), header(0)]),
    'escaping',
  ],
  [
    'a PAX path that leads above',
    Buffer.concat([header(16, 'x'), padded('16 path=../file\n'), header(0)]),
    'escaping',
  ],
  ['a/../file', named('a/../file'), 'readable'],
  ['an absolute name', named('/etc/passwd'), 'readable'],
  ['names that begin with dots', Buffer.concat([named('..file'), named('...')]), 'readable'],
  [
    'a long name before one that leads above',
    Buffer.concat([header(5, 'L', gnu), padded('name\0'), named('../x')]),
    'readable',
  ],
  [
    'a PAX path before one that leads above',
    Buffer.concat([header(11, 'x'), padded('11 path=ab\n'), named('../x')]),
    'readable',
  ],
])('an archive with %s', (_, bytes, state) => {
  expect(judge(archive(bytes))).toBe(state)
})

describe.each([[[65_536]], [[1]], [[511, 3]]])('in chunks of %j', (lengths) => {
  test.each<[string, Buffer]>([
    ['of no bytes', Buffer.alloc(0)],
    ['without an end', afterFirstHeader],
    ['that ends inside the padding of a file', Buffer.concat([afterFirstHeader, Buffer.alloc(100)])],
    ['with one block of zeros', Buffer.concat([header(0), blocks(1)])],
    ['with bytes after its end', Buffer.concat([archive(header(0)), seededBytes('x', 3000)])],
    ['with a directory that states a size', archive(header(5000, '5'))],
    [
      'with a link that states a negative size',
      archive(header(0, '2', (block) => block.fill(0xff, 124, 136))),
    ],
    ['with a long name', archive(header(5, 'L', gnu), padded('name\0'), header(0))],
    ['with PAX records', archive(header(11, 'x'), padded('11 path=ab\n'), header(0))],
    ['with a size in PAX records', archive(header(12, 'x'), padded('12 size=600\n'), header(1), blocks(2))],
    ['with an empty value', archive(header(8, 'x'), padded('8 size=\n'), header(0))],
    [
      'with a size in base 256',
      archive(
        header(0, '0', (block) => block.write('\x80\0\0\0\0\0\0\0\0\0\0\x05', 124, 'latin1')),
        blocks(1),
      ),
    ],
    ['with blank numbers', archive(header(0, '0', (block) => block.fill(0x20, 108, 124)))],
    [
      'with a sparse file of a long map',
      archive(
        header(512, 'S', (block) => {
          gnu(block)
          block[482] = 1
        }),
        blocks(1),
        blocks(1),
      ),
    ],
  ])('an archive %s is readable', (_, bytes) => {
    expect(judge(bytes, lengths)).toBe('readable')
  })

  test.each<[string, Buffer]>([
    ['in a header', files.subarray(0, 300)],
    ['in a file', afterFirstHeader.subarray(0, -1)],
    ['after the header of a file', header(1)],
    ['in the second block of its end', Buffer.concat([header(0), blocks(1), Buffer.alloc(10)])],
    ['in PAX records', Buffer.concat([header(11, 'x'), Buffer.from('11 path')])],
    ['by a size that is too large', archive(header(8 ** 8))],
  ])('an archive that is cut %s is cut', (_, bytes) => {
    expect(judge(bytes, lengths)).toBe('cut')
  })

  test.each<[string, Buffer]>([
    ['text', Buffer.alloc(600, 'no archive ')],
    ['a wrong checksum', Buffer.concat([header(0).fill(1, 0, 1), blocks(2)])],
    ['a number that is none', archive(header(0, '0', (block) => block.write('9999999\0', 108)))],
    [
      'a device that is none',
      archive(header(0, '3', (block) => block.write('ustar\x0000', 257) && block.write('x', 329))),
    ],
    ['a negative size', archive(header(0, '0', (block) => block.fill(0xff, 124, 136)))],
    ['one block of zeros before an entry', archive(blocks(1), header(0))],
    ['PAX records without a length', archive(header(8, 'x'), padded('path=ab\n'), header(0))],
    ['PAX records that are too long', archive(header(2 ** 20 + 1, 'x'))],
    ['a size in PAX records that is none', archive(header(10, 'x'), padded('10 size=x\n'), header(0))],
    ['a sparse file of no known format', archive(header(0, 'S'))],
  ])('an archive with %s is invalid', (_, bytes) => {
    expect(judge(bytes, lengths)).toBe('invalid')
  })
})

test('a global header ends what the records before it say, as in Go', () => {
  const records = Buffer.concat([header(12, 'x'), padded('12 size=600\n')])
  const global = Buffer.concat([header(11, 'g'), padded('11 path=ab\n')])
  expect(judge(archive(records, global, header(0)))).toBe('readable')
  expect(judge(Buffer.concat([records, header(0)]))).toBe('cut')
})
