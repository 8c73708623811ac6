import { expect, test } from 'vitest'
import check from '../../../src/checks/storage/gc-empties-repository.ts'
import { collections, faultsOfForecast, makeInventory } from '../../support/storage/forecast-inventory.ts'

function withoutTags() {
  const made = makeInventory()
  made.repository('staging', [made.image('one'), made.image('two')]).hasTags = false
  return made
}

test('a repository without a folder of tags loses its blobs under registry 3', () => {
  expect(faultsOfForecast(check, withoutTags(), collections.recent)).toMatchObject([
    {
      ...{ subject: 'staging', severity: 'error' },
      message: expect.stringMatching(
        /^2 images, .* lose their blobs in garbage-collect of registry 3 with --delete-untagged/,
      ),
      commands: ['crane tag reg.example.com/staging@sha256:DIGEST TAG'],
    },
  ])
})

test('is a warning where nobody said that the flag is given', () => {
  expect(faultsOfForecast(check, withoutTags(), { version: '3' })).toMatchObject([
    {
      severity: 'warning',
      message: '1 repository would be emptied: staging',
      evidence: ['staging: 2 images'],
    },
  ])
})

test.each([collections.old, collections.plain])('nothing is emptied by %o', (known) => {
  expect(faultsOfForecast(check, withoutTags(), known)).toEqual([])
})
