import { tarOf } from '../../../src/fake-registry/images/image-tar.ts'

/** Layers that are not as tar writes them. */
export const archives = (): Record<string, Buffer> => {
  const whole = tarOf({ file: 'content\n' })
  const badChecksum = Buffer.from(whole)
  badChecksum.write('00000000', 148)
  return {
    'no archive': Buffer.from('this is not an archive'),
    empty: Buffer.alloc(0),
    'without its end': whole.subarray(0, 1024),
    'cut in a header': whole.subarray(0, 300),
    'cut in a file': tarOf({ file: 'x'.repeat(2000) }).subarray(0, 1000),
    'bytes after its end': Buffer.concat([whole, Buffer.from('more'.repeat(200))]),
    'zeros after its end': Buffer.concat([whole, Buffer.alloc(10_240)]),
    'bad checksum of a header': badChecksum,
    'path ../file': tarOf({ '../file': 'out' }),
    'absolute path': tarOf({ '/file': 'in' }),
    'one header only': whole.subarray(0, 512),
  }
}
