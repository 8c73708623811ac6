import { expect, test } from 'vitest'
import check from '../../../src/checks/storage/storage-blob-missing.ts'
import type { StorageFact } from '../../../src/facts/storage.ts'
import { multiPlatform } from '../../../src/fake-registry/images/images.ts'
import { judge, madeStorage, pushTo } from '../../support/storage/made-storage.ts'
import { faultsOfMade, faultsOfStorage, madeImage } from '../../support/storage/storage-facts.ts'

const { amd64, arm64 } = madeImage

test('everything that one image lacks has one cause', () => {
  const faults = faultsOfMade(check, (_, { data }) => {
    for (const { digest } of amd64.blobs) data.delete(digest)
  })
  expect(faults).toHaveLength(3)
  expect(new Set(faults.map(({ cause }) => cause)).size).toBe(1)
  expect(faults[0]).toMatchObject({
    ...{ severity: 'error', platforms: ['linux/amd64'], repository: 'app' },
    title: 'Missing blobs: app:1 needs 3 blobs whose data is gone.',
    advice: expect.stringMatching(/^Build and push again, after a restart/),
    commands: ['docker restart registry'],
  })
  expect(faults.map(({ message }) => message)).toContain('the data of this config is gone')
})

test('a blob of several images is one cause, with a finding for each repository', () => {
  const faults = faultsOfMade(check, (_, storage) => {
    pushTo(storage, 'copy', madeImage.contents, '1')
    storage.data.delete(amd64.config.digest)
  })
  expect(faults.map(({ subject }) => subject)).toEqual([
    `app@${amd64.config.digest}`,
    `copy@${amd64.config.digest}`,
  ])
  expect(faults).toMatchObject([
    { cause: amd64.config.digest, evidence: ['app:1 needs it'] },
    { cause: amd64.config.digest, evidence: ['copy:1 needs it'] },
  ])
})

test('behind a manifest that is not served nobody asks for blobs', () => {
  const faults = faultsOfMade(check, ({ revisions }, { data }) => {
    revisions.delete(arm64.manifest.digest)
    for (const { digest } of arm64.blobs) data.delete(digest)
  })
  expect(faults).toEqual([])
})

test('a blob of several images has the commands of each', () => {
  const faults = faultsOfMade(check, (_, storage) => {
    const [layer] = amd64.layers
    for (const seed of ['one', 'two', 'three']) {
      const old = multiPlatform({ seed: `old ${seed}` })
      pushTo(storage, 'app', old.contents, seed)
      pushTo(storage, 'app', madeImage.contents, seed)
    }
    storage.data.delete(layer?.digest ?? '')
  })
  const commands = new Set(faults.flatMap((fault) => fault.commands ?? []))
  for (const tag of ['one', 'two', 'three'])
    expect([...commands].filter((command) => command.endsWith(`/manifests/${tag}`))).toHaveLength(1)
})

test('several images need, one needs', () => {
  const titleOf = (number: number) =>
    faultsOfMade(check, (_, storage) => {
      for (let at = 1; at < number; at += 1) pushTo(storage, `app-${at}`, madeImage.contents, '1')
      storage.data.delete(amd64.config.digest)
    })[0]?.title
  expect([1, 2, 25].map(titleOf)).toEqual([
    'Missing blob: app:1 needs a blob whose data is gone.',
    'Missing blob: app:1 and 1 other image need a blob whose data is gone.',
    'Missing blob: app:1 and 24 other images need a blob whose data is gone.',
  ])
})

test('says “at least” where only the first damaged objects are listed', () => {
  const lost = (change: (storage: StorageFact) => void) =>
    faultsOfStorage(check, (storage) => {
      const made = madeStorage()
      pushTo(made, 'app', madeImage.contents, '1')
      for (const { digest } of amd64.blobs) made.data.delete(digest)
      storage.judged = judge(made)
      change(storage)
    })[0]?.title
  expect(lost(() => {})).toBe('Missing blobs: app:1 needs 3 blobs whose data is gone.')
  const cut = lost(({ judged }) => {
    for (const { platforms } of judged?.images.broken ?? [])
      for (const platform of platforms) platform.damageCount = 25
  })
  expect(cut).toBe('Missing blobs: app:1 needs at least 3 blobs whose data is gone.')
})

test('says so of the images, too', () => {
  const faults = faultsOfStorage(check, (storage) => {
    const made = madeStorage()
    for (const name of ['app', 'copy']) pushTo(made, name, madeImage.contents, '1')
    made.data.delete(amd64.config.digest)
    storage.judged = judge(made)
    storage.judged.images.more = 7
  })
  expect(faults[0]?.title).toBe(
    'Missing blob: app:1 and at least 1 other image need a blob whose data is gone.',
  )
})
