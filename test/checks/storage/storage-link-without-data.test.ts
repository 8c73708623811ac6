import { expect, test } from 'vitest'
import check from '../../../src/checks/storage/storage-link-without-data.ts'
import { faultsOfMade, madeImage } from '../../support/storage/storage-facts.ts'

test('links that no image needs are noted by repository', () => {
  const digest = `sha256:${'c'.repeat(64)}`
  expect(faultsOfMade(check, ({ layers }) => layers.set(digest, digest))).toMatchObject([
    { subject: 'app', severity: 'note', message: '1 layer link without data' },
  ])
})

test('what an image needs is another finding', () => {
  expect(faultsOfMade(check, (_, { data }) => data.delete(madeImage.amd64.config.digest))).toEqual([])
})
