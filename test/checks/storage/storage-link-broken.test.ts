import { expect, test } from 'vitest'
import check from '../../../src/checks/storage/storage-link-broken.ts'
import { faultsOfMade, madeImage } from '../../support/storage/storage-facts.ts'

const { amd64, arm64, index } = madeImage

test('a manifest whose link is empty stops garbage collections, and is put again', () => {
  expect(faultsOfMade(check, ({ revisions }) => revisions.set(arm64.manifest.digest, ''))).toMatchObject([
    {
      ...{ subject: `app@${arm64.manifest.digest}`, severity: 'error', repository: 'app' },
      message: 'the link of this manifest is empty',
      evidence: ['app:1 needs it'],
      title: 'Broken links: 1 link in app is empty or names something else.',
      because: expect.stringContaining('stops'),
      commands: [expect.stringContaining(`REGISTRY/v2/app/manifests/${arm64.manifest.digest}`)],
    },
  ])
})

test.each([
  ['nonsense', 'the layer link of this blob says “nonsense”'],
  [index.manifest.digest, `the layer link of this blob names ${index.manifest.digest.slice(0, 15)}\u2026`],
])('a layer link that says %s', (text, message) => {
  const [fault] = faultsOfMade(check, ({ layers }) => layers.set(amd64.config.digest, text))
  expect(fault).toMatchObject({ severity: 'error', message })
  expect(fault?.because).toBeUndefined()
})

test('a link that no image needs is a warning', () => {
  const digest = `sha256:${'d'.repeat(64)}`
  expect(faultsOfMade(check, ({ layers }) => layers.set(digest, ''))).toMatchObject([
    { severity: 'warning', evidence: [], advice: 'Its data is gone, too: delete the link file.' },
  ])
})

test('whole links are no finding', () => {
  expect(faultsOfMade(check, () => {})).toEqual([])
})
