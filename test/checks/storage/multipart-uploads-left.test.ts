import { expect, test } from 'vitest'
import check from '../../../src/checks/storage/multipart-uploads-left.ts'
import type { MultipartFact } from '../../../src/facts/storage/multipart.ts'
import { faultsOfStorage, storageRoot } from '../../support/storage/storage-facts.ts'

const faults = (multipart: MultipartFact) =>
  faultsOfStorage(check, (storage) => {
    storage.multipart = multipart
  })
const none: Extract<MultipartFact, { state: 'listed' }> = {
  ...{ state: 'listed', total: 4, stale: 0, examples: [], isComplete: true },
}

test('uploads of more than a week ago are a note', () => {
  const oldest = Date.parse('2026-01-02T03:04:05Z')
  const some = { ...none, stale: 2, oldest, examples: ['a/data', 'b/data'] }
  expect(faults(some)).toEqual([
    {
      ...{ subject: storageRoot, severity: 'note', evidence: ['a/data', 'b/data'] },
      message:
        '2 multipart uploads were begun more than a week ago and not completed, the oldest on 2026-01-02',
    },
  ])
  expect(faults({ ...some, isComplete: false })[0]?.message).toMatch(/^at least 2 /)
})

test('uploads that may still run, a refusal, and a folder are no finding', () => {
  expect(faults(none)).toEqual([])
  expect(faults({ state: 'refused', why: 'no' })).toEqual([])
  expect(faultsOfStorage(check)).toEqual([])
})
