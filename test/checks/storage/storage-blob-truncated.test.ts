import { expect, test } from 'vitest'
import check from '../../../src/checks/storage/storage-blob-truncated.ts'
import { faultsOfMade, type MadeChange, madeImage } from '../../support/storage/storage-facts.ts'

const { config } = madeImage.amd64
const hex = config.digest.slice('sha256:'.length)

test.each([[0], [10], [100_000]])('a file of %i bytes is moved away before the push', (size) => {
  const path = `/var/lib/registry/docker/registry/v2/blobs/sha256/${hex.slice(0, 2)}/${hex}/data`
  const change: MadeChange = (_, { sizes, hashed }) => {
    sizes.set(config.digest, size)
    hashed.set(config.digest, 'corrupt')
  }
  expect(faultsOfMade(check, change)).toMatchObject([
    {
      ...{ subject: `app@${config.digest}`, severity: 'error', platforms: ['linux/amd64'] },
      message: expect.stringContaining(`the file of this config has ${size} of ${config.bytes.length} bytes`),
      title: 'Truncated blob: app:1 needs a blob of the wrong size on disk.',
      commands: [`mv ${path} ${path}.damaged`, 'docker restart registry'],
    },
  ])
})

test('a file that was not hashed may be right, and its manifest wrong: it is moved away only if its hash is another one', () => {
  const [fault] = faultsOfMade(check, (_, { sizes }) => sizes.set(config.digest, 7))
  expect(fault?.commands?.[0]).toMatch(
    /^\[ "\$\(sha256sum < \S+data\)" = '\w{64} {2}-' \] \|\| mv \S+data \S+data\.damaged$/,
  )
})

test('a manifest of a wrong size is another finding', () => {
  expect(faultsOfMade(check, (_, { sizes }) => sizes.set(madeImage.arm64.manifest.digest, 10))).toEqual([])
})
