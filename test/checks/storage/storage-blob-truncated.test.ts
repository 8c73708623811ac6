import { expect, test } from 'vitest'
import check from '../../../src/checks/storage/storage-blob-truncated.ts'
import { faultsOfMade, madeImage } from '../../support/storage/storage-facts.ts'

const { config } = madeImage.amd64
const hex = config.digest.slice('sha256:'.length)

test.each([[0], [10], [100_000]])('a file of %i bytes is moved away before the push', (size) => {
  const path = `/var/lib/registry/docker/registry/v2/blobs/sha256/${hex.slice(0, 2)}/${hex}/data`
  expect(faultsOfMade(check, (_, { sizes }) => sizes.set(config.digest, size))).toMatchObject([
    {
      ...{ subject: `app@${config.digest}`, severity: 'error', platforms: ['linux/amd64'] },
      message: expect.stringContaining(`the file of this config has ${size} of ${config.bytes.length} bytes`),
      title: 'Truncated blob: app:1 needs a blob of the wrong size on disk.',
      commands: [`mv ${path} ${path}.damaged`, 'docker restart registry'],
    },
  ])
})

test('a path that a shell would not take as it is, is quoted', () => {
  const [fault] = faultsOfMade(check, (_, { sizes }) => sizes.set(config.digest, 1), { registry: 'x' })
  expect(fault?.commands?.[0]).not.toContain("'")
})

test('a manifest of a wrong size is another finding', () => {
  expect(faultsOfMade(check, (_, { sizes }) => sizes.set(madeImage.arm64.manifest.digest, 10))).toEqual([])
})
