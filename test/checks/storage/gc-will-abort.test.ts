import { expect, test } from 'vitest'
import check from '../../../src/checks/storage/gc-will-abort.ts'
import {
  collections,
  faultsOfForecast,
  type MadeInventory,
  madeIndex,
} from '../../support/storage/forecast-inventory.ts'

const layout = '/var/lib/registry/docker/registry/v2'
const abortsOf = (change: (made: MadeInventory) => void, known: Parameters<typeof faultsOfForecast>[2]) => {
  const made = madeIndex()
  change(made)
  return faultsOfForecast(check, made, known)
}

test('an empty link stops every collection, and can be written from its path', () => {
  const [fault, ...others] = abortsOf(({ inventory }) => {
    const [link] = inventory.repositories[0]?.revisions ?? []
    if (link) link.content = { state: 'empty' }
  }, collections.plain)
  expect(others).toEqual([])
  expect(fault).toMatchObject({
    ...{ severity: 'warning', cause: 'link' },
    message:
      'it is empty: garbage-collect of registry 2.8 and 3 stops there, before it deletes anything, each time; the disk fills',
    commands: [expect.stringMatching(/^printf %s (sha256:\w{64}) > .*\/revisions\/sha256\/\w{64}\/link$/)],
  })
})

test('a repository without _layers stops registry 3 alone', () => {
  expect(
    abortsOf(({ inventory }) => {
      for (const repository of inventory.repositories) repository.hasLayers = false
    }, collections.plain),
  ).toMatchObject([
    {
      message: expect.stringContaining('garbage-collect of registry 3 stops there'),
      commands: [`mkdir ${layout}/repositories/infra/ci/_layers`],
    },
  ])
})

test('a file among the tags is a note where nobody said that --delete-untagged is given', () => {
  expect(
    abortsOf(({ inventory }) => inventory.repositories[0]?.tagFiles.push('.DS_Store'), {}),
  ).toMatchObject([
    {
      severity: 'note',
      subject: `${layout}/repositories/infra/ci/_manifests/tags/.DS_Store`,
      commands: [
        `mkdir -p ${layout}.aside/repositories/infra/ci/_manifests/tags && mv ${layout}/repositories/infra/ci/_manifests/tags/.DS_Store ${layout}.aside/repositories/infra/ci/_manifests/tags/.DS_Store`,
      ],
    },
  ])
})

test('all places are named, not the first alone', () => {
  const faults = abortsOf(
    ({ inventory }) => {
      inventory.strays.push(
        { path: 'blobs/copy/data', kind: 'data-path' },
        { path: 'blobs/old/data', kind: 'data-path' },
      )
    },
    { ...collections.plain, version: '3' },
  )
  expect(faults.map(({ subject }) => subject)).toEqual([
    `${layout}/blobs/copy/data`,
    `${layout}/blobs/old/data`,
  ])
  expect(faults[0]?.evidence).toEqual(['it would stop at 1 other place as well'])
})

test('nothing stops the collection of a healthy storage', () => {
  expect(abortsOf(() => {}, {})).toEqual([])
})
