import { expect, test } from 'vitest'
import check from '../../../src/checks/storage/storage-size-mismatch.ts'
import { childDescriptorOf, index, rewrite } from '../../../src/fake-registry/images/images.ts'
import { pushTo } from '../../support/storage/made-storage.ts'
import { faultsOfMade, madeImage } from '../../support/storage/storage-facts.ts'

const { amd64, arm64 } = madeImage

test('the manifest that disagrees with the others and the data is named', () => {
  const liar = rewrite(amd64.manifest, (body) => ({ ...body, config: { ...body.config, size: 7 } }) as never)
  const faults = faultsOfMade(check, (_, storage) => pushTo(storage, 'liar', [...amd64.blobs, liar], '1'))
  expect(faults).toMatchObject([
    {
      ...{ subject: `liar@${amd64.config.digest}`, severity: 'error', commands: [] },
      message: `${liar.digest.slice(0, 15)}\u2026 states 7 bytes for this config, which has ${amd64.config.bytes.length}`,
    },
  ])
})

test('so is an index that states a wrong size for a manifest', () => {
  const liar = index([amd64, childDescriptorOf(arm64, { size: 7 })])
  const faults = faultsOfMade(check, (_, storage) => pushTo(storage, 'app', [liar.manifest], '2'))
  expect(faults).toMatchObject([{ message: expect.stringContaining('states 7 bytes for this manifest') }])
})

test('damaged data is another finding', () => {
  expect(faultsOfMade(check, (_, { sizes }) => sizes.set(amd64.config.digest, 7))).toEqual([])
})
