import { seededBytes } from '../../../src/fake-registry/images/image-layer.ts'
import { tarOf } from '../../../src/fake-registry/images/image-tar.ts'

/** Layers that are not as tar writes them, with a salt in their content. */
export const archives: Record<string, (salt: string) => Buffer> = {
  'no archive': (salt) => Buffer.from(`this is not an archive: ${salt}`),
  empty: () => Buffer.alloc(0),
  'without its end': (salt) => tarOf({ file: block(salt) }).subarray(0, 1024),
  'cut in a header': (salt) => Buffer.concat([tarOf({ file: block(salt) }).subarray(0, 1024), header(300)]),
  'cut in a file': (salt) => tarOf({ file: seededBytes(salt, 2000) }).subarray(0, 1000),
  'bytes after its end': (salt) => Buffer.concat([tarOf({ file: salt }), Buffer.from('more'.repeat(200))]),
  'zeros after its end': (salt) => Buffer.concat([tarOf({ file: salt }), Buffer.alloc(10_240)]),
  'bad checksum of a header': (salt) => {
    const archive = tarOf({ file: salt })
    archive.write('00000000', 148)
    return archive
  },
  'path ../file': (salt) => tarOf({ '../file': salt }),
  'absolute path': (salt) => tarOf({ '/file': salt }),
  'a header without its file': (salt) =>
    tarOf({ file: block(salt), next: 'x'.repeat(600) }).subarray(0, 1536),
}

const block = (salt: string): Buffer => seededBytes(salt, 512)
const header = (length: number): Buffer => tarOf({ next: 'x' }).subarray(0, length)
