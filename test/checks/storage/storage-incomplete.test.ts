import { expect, test } from 'vitest'
import check from '../../../src/checks/storage/storage-incomplete.ts'
import dangling from '../../../src/checks/storage/storage-tag-dangling.ts'
import { explain } from '../../../src/explain/causes.ts'
import { judge, madeStorage, pushTo } from '../../support/storage/made-storage.ts'
import { faultsOfStorage, layoutIn, madeImage, unseenStorage } from '../../support/storage/storage-facts.ts'

test.each([
  ['blobs', 'the folder with all layers and manifests does not exist or is empty, beside 3 tags'],
  ['repositories', 'the folder with all tags and links does not exist or is empty, beside 27 blobs'],
] as const)('without %s', (half, message) => {
  const faults = faultsOfStorage(check, (storage) => {
    layoutIn(storage).lacks = [half]
  })
  expect(faults).toMatchObject([
    { subject: `/var/lib/registry/docker/registry/v2/${half}`, severity: 'error', message, absent: true },
  ])
})

test('the path is right where the root is the layout itself', () => {
  const faults = faultsOfStorage(check, (storage) => {
    storage.root = '/data/docker/registry/v2/'
    Object.assign(layoutIn(storage), { base: '', lacks: ['blobs'] })
  })
  expect(faults[0]?.subject).toBe('/data/docker/registry/v2/blobs')
})

test('a whole storage, and one that could not be inspected, have no finding', () => {
  expect(faultsOfStorage(check)).toEqual([])
  expect(faultsOfStorage(check, unseenStorage('it is empty'))).toEqual([])
})

test('tags that lead nowhere are told with the missing blobs, but not with missing repositories', () => {
  const causes = (half: 'blobs' | 'repositories') => {
    const made = madeStorage()
    pushTo(made, 'app', madeImage.contents, '1')
    made.data.clear()
    const results = [check, dangling].map((one) => ({
      ...{ id: one.id, title: one.title, group: one.group, status: 'fail' as const, remedies: [] },
      findings: faultsOfStorage(one, (storage) => {
        layoutIn(storage).lacks = [half]
        storage.judged = judge(made)
      }).map((fault) => ({
        ...{ id: one.id, group: one.group, evidence: [], advice: '', cause: '', title: '' },
        ...fault,
      })),
    }))
    return [...new Set(explain(results, [check, dangling]).map(({ id }) => id))]
  }
  expect(causes('blobs')).toEqual(['storage-incomplete'])
  expect(causes('repositories')).toEqual(['storage-incomplete', 'storage-tag-dangling'])
})
