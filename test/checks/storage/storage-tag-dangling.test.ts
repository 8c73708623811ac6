import { expect, test } from 'vitest'
import check from '../../../src/checks/storage/storage-tag-dangling.ts'
import { multiPlatform } from '../../../src/fake-registry/images/images.ts'
import { pushTo, repositoryIn } from '../../support/storage/made-storage.ts'
import { faultsOfMade, madeImage } from '../../support/storage/storage-facts.ts'

const { index, arm64 } = madeImage
const top = index.manifest.digest

test('a tag whose manifest is not linked can be repaired', () => {
  expect(faultsOfMade(check, ({ revisions }) => revisions.delete(top))).toMatchObject([
    {
      ...{ subject: 'app:1', severity: 'error', digest: top },
      message: expect.stringMatching(/: its link is gone$/),
      title: 'Dangling tag: app:1 is listed, but the manifest that it points to is not served.',
      commands: [expect.stringContaining(`REGISTRY/v2/app/manifests/${top}`)],
    },
  ])
})

test('a tag whose manifest has no data must be pushed again', () => {
  expect(faultsOfMade(check, (_, { data }) => data.delete(top))).toMatchObject([
    { message: expect.stringMatching(/: its data is gone$/), commands: ['docker restart registry'] },
  ])
})

test('a tag of whose manifest there is no trace is an error', () => {
  const faults = faultsOfMade(check, ({ revisions }, { data }) => {
    revisions.delete(top)
    data.delete(top)
  })
  expect(faults).toMatchObject([
    { severity: 'error', message: expect.stringMatching(/: its link and its data are gone$/) },
  ])
})

test('an untagged manifest without data is a warning', () => {
  const faults = faultsOfMade(check, ({ tags }, { data }) => {
    tags.clear()
    data.delete(top)
  })
  expect(faults).toMatchObject([
    { severity: 'warning', title: `Lost manifest: app@${top} is linked, but its data is gone.` },
  ])
})

test('a lost child is not a dangling tag', () => {
  expect(faultsOfMade(check, ({ revisions }) => revisions.delete(arm64.manifest.digest))).toEqual([])
})

test('the title says that there are more than a scan lists', () => {
  const titles = (number: number) =>
    faultsOfMade(check, (files, storage) => {
      files.tags.clear()
      for (let at = 0; at < number; at += 1) {
        const one = multiPlatform({ seed: `many ${at}` })
        pushTo(storage, 'many', one.contents, `${at}`)
        repositoryIn(storage, 'many').revisions.delete(one.index.manifest.digest)
      }
    }).at(-1)?.title
  expect(titles(200)).toMatch(/: 200 /)
  expect(titles(201)).toMatch(/: at least 200 /)
})
