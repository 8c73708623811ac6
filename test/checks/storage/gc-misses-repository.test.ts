import { expect, test } from 'vitest'
import check from '../../../src/checks/storage/gc-misses-repository.ts'
import {
  collections,
  faultsOfForecast,
  judgedAt,
  madeIndex,
} from '../../support/storage/forecast-inventory.ts'

test('a repository without _layers is not seen by registry 2.x', () => {
  const made = madeIndex()
  for (const repository of made.inventory.repositories) repository.hasLayers = false
  expect(faultsOfForecast(check, made, { ...collections.plain, version: '2.8' })).toMatchObject([
    {
      ...{ subject: 'infra/ci', severity: 'error', cause: 'no _layers' },
      message: expect.stringContaining('garbage-collect of registry 2.8 deletes its blobs'),
      evidence: ['infra/ci:latest can no longer be pulled'],
      commands: ['mkdir /var/lib/registry/docker/registry/v2/repositories/infra/ci/_layers'],
    },
  ])
})

test('is a warning where it is not known which version collects', () => {
  const made = madeIndex()
  for (const repository of made.inventory.repositories) repository.hasLayers = false
  expect(faultsOfForecast(check, made, collections.plain)).toMatchObject([{ severity: 'warning' }])
})

test('a repository that was put aside is not seen by any', () => {
  expect(faultsOfForecast(check, madeIndex('_old/ci'), collections.plain)).toMatchObject([
    { subject: '_old/ci', severity: 'error', message: expect.stringContaining('registry 2.8 and 3') },
  ])
})

test('a file whose name begins with _ hides what is behind it', () => {
  const made = madeIndex()
  made.inventory.underscoreFiles = ['infra/_notes']
  expect(faultsOfForecast(check, made, { ...collections.plain, version: '2.8' })).toMatchObject([
    { subject: 'infra/ci', commands: [expect.stringContaining("-type f -name '_*'")] },
  ])
})

test('every repository of a healthy storage is seen', () => {
  expect(faultsOfForecast(check, madeIndex())).toEqual([])
})

test('a repository whose first push did not end is no alarm, and none at all while it goes on', () => {
  const pushing = (minutes: number, uploads: number) => {
    const made = madeIndex('infra/ci', 's3')
    const repository = made.repository('new', [])
    const layer = made.blob('layer of a push')
    Object.assign(repository, { hasManifests: false, hasRevisions: false, hasTags: false })
    repository.layers.equal = Int32Array.of(layer)
    for (let at = 0; at < uploads; at += 1) repository.uploads.push({ id: `${at}`, startedAt: 0, size: 1 })
    const { blobs } = made.inventory
    const recent = { ...blobs, modifiedAt: () => judgedAt - minutes * 60_000 }
    return faultsOfForecast(check, { inventory: { ...made.inventory, blobs: recent } }, collections.plain)
  }
  expect(pushing(90, 0)).toMatchObject([
    {
      ...{ severity: 'note', message: expect.stringContaining('registry 2.8 and 3 deletes its blobs') },
      advice: expect.stringMatching(/^Nothing has to be done if its first push/),
    },
  ])
  expect(pushing(90, 1)).toEqual([])
  expect(pushing(30, 0)).toEqual([])
})

test('what an earlier collection deleted, or another repository keeps, is not lost again', () => {
  const half = (where: 'gone' | 'kept' | 'own') => {
    // On a disk it has a warning of its own.
    const made = madeIndex('infra/ci', 's3')
    const layer = made.blob(`layer of ${where}`, where === 'gone' ? 'absent' : undefined)
    const repository = made.repository('half/x', [])
    Object.assign(repository, { hasManifests: false, hasRevisions: false, hasTags: false })
    repository.layers.equal = Int32Array.of(layer)
    if (where === 'kept') {
      const [first] = made.inventory.repositories[0]?.layers.equal ?? []
      repository.layers.equal = Int32Array.of(first ?? layer)
    }
    return faultsOfForecast(check, made, { ...collections.plain, version: '3' })
  }
  expect(half('gone')).toEqual([])
  expect(half('kept')).toEqual([])
  expect(half('own')).toMatchObject([{ subject: 'half/x', severity: 'note' }])
})

test('says how many more there are than a run lists', () => {
  const made = madeIndex()
  for (let at = 0; at < 120; at += 1) made.repository(`_old/${at}`, [made.image(`image ${at}`)])
  const faults = faultsOfForecast(check, made, collections.plain)
  expect(faults).toHaveLength(100)
  expect(faults[0]?.evidence?.[0]).toBe('20 more are not listed')
})
