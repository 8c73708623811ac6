import { expect, test } from 'vitest'
import check from '../../../src/checks/storage/storage-foreign-file.ts'
import { faultsOfMade } from '../../support/storage/storage-facts.ts'

test('a file named data that no digest leads to stops garbage collections', () => {
  const faults = faultsOfMade(check, (_, { strays }) => {
    strays.push({ path: 'blobs/lost+found/it is/data', kind: 'data-path' })
  })
  expect(faults).toMatchObject([
    {
      ...{
        subject: 'blobs/lost+found/it is/data',
        severity: 'error',
        message: 'a garbage collection stops here',
      },
      commands: ["mv '/var/lib/registry/docker/registry/v2/blobs/lost+found/it is/data' /var/tmp/"],
    },
  ])
})

test('any other file is only noted', () => {
  const faults = faultsOfMade(check, (_, { strays }) => {
    strays.push({ path: 'blobs/.DS_Store', kind: 'other' })
  })
  expect(faults).toMatchObject([{ severity: 'note', message: 'the registry does not read it' }])
})

test('no foreign file is no finding', () => {
  expect(faultsOfMade(check, () => {})).toEqual([])
})
