import { expect, test } from 'vitest'
import check from '../../../src/checks/storage/storage-sparse-index.ts'
import { faultsOfMade, type MadeChange, madeImage } from '../../support/storage/storage-facts.ts'

const { amd64, arm64 } = madeImage
const without =
  (...images: (typeof amd64)[]): MadeChange =>
  ({ revisions }, { data }) => {
    for (const { manifest } of images) {
      revisions.delete(manifest.digest)
      data.delete(manifest.digest)
    }
  }

test('a platform of which there is no trace is noted', () => {
  expect(faultsOfMade(check, without(arm64))).toMatchObject([
    { subject: 'app:1', severity: 'note', message: 'no trace of linux/arm64', platforms: ['linux/arm64'] },
  ])
})

test('it is noted beside a platform that lost a layer as well', () => {
  const damaged: MadeChange = (files, storage) => {
    without(arm64)(files, storage)
    storage.data.delete(amd64.config.digest)
  }
  expect(faultsOfMade(check, damaged)).toMatchObject([{ platforms: ['linux/arm64'], severity: 'note' }])
})

test('a pull-through cache is never sparse', () => {
  const cache: MadeChange = (files, storage) => {
    storage.isCache = true
    without(arm64)(files, storage)
    storage.sizes.set(amd64.config.digest, 1)
  }
  expect(faultsOfMade(check, cache)).toEqual([])
})

test('an index that lacks all platforms, or lost one, is not sparse', () => {
  expect(faultsOfMade(check, without(amd64, arm64))).toEqual([])
  const both: MadeChange = (files, storage) => {
    without(arm64)(files, storage)
    files.revisions.delete(amd64.manifest.digest)
  }
  expect(faultsOfMade(check, both)).toEqual([])
  expect(faultsOfMade(check, () => {})).toEqual([])
})
