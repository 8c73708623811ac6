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
      commands: [
        "mkdir -p '/var/lib/registry/docker/registry/v2.aside/blobs/lost+found/it is' && mv '/var/lib/registry/docker/registry/v2/blobs/lost+found/it is/data' '/var/lib/registry/docker/registry/v2.aside/blobs/lost+found/it is/data'",
      ],
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

test('two files of the same name are moved to two places', () => {
  const faults = faultsOfMade(check, (_, { strays }) => {
    for (const path of ['blobs/a/data', 'blobs/b/data']) strays.push({ path, kind: 'data-path' })
  })
  const targets = faults.flatMap(({ commands = [] }) => commands.map((command) => command.split(' ').at(-1)))
  expect(targets).toEqual([
    '/var/lib/registry/docker/registry/v2.aside/blobs/a/data',
    '/var/lib/registry/docker/registry/v2.aside/blobs/b/data',
  ])
})

test('it explains that a collection stops at the same file, and at no other', () => {
  const [fault] = faultsOfMade(check, (_, { strays }) => {
    strays.push({ path: 'blobs/a/data', kind: 'data-path' }, { path: 'blobs/.DS_Store', kind: 'other' })
  })
  expect(fault?.explains).toEqual(['/var/lib/registry/docker/registry/v2/blobs/a/data'])
})
