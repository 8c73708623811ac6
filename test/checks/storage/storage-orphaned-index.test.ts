import { expect, test } from 'vitest'
import check from '../../../src/checks/storage/storage-orphaned-index.ts'
import { multiPlatform } from '../../../src/fake-registry/images/images.ts'
import { type MadeStorage, pushTo, repositoryIn } from '../../support/storage/made-storage.ts'
import {
  faultsOfMade,
  faultsOfStorage,
  type MadeChange,
  madeImage,
  unseenStorage,
} from '../../support/storage/storage-facts.ts'

const { amd64, arm64 } = madeImage
const hex = arm64.manifest.digest.slice('sha256:'.length)

test('a child that lost its link is written back with one command', () => {
  expect(
    faultsOfMade(check, ({ revisions }) => revisions.delete(arm64.manifest.digest), {
      registry: 'reg.example.com',
    }),
  ).toEqual([
    {
      ...{ subject: 'app:1', repository: 'app', digest: madeImage.index.manifest.digest, severity: 'error' },
      message: 'linux/arm64 cannot be pulled',
      platforms: ['linux/arm64'],
      explains: ['app:1', `app@${madeImage.index.manifest.digest}`],
      evidence: [`linux/arm64 sha256:${hex.slice(0, 8)}\u2026: its link is gone, all bytes are there`],
      cause: `app@${madeImage.index.manifest.digest}`,
      title: 'Orphaned index: app:1 lists 2 platform images, 1 of which cannot be pulled.',
      because: 'Only links are gone. The next garbage collection deletes the bytes, too.',
      advice:
        'Nothing is lost yet: these commands write the links again. Run them before the next garbage collection.',
      commands: [
        `curl -fsS -X PUT -H 'Content-Type: application/vnd.oci.image.manifest.v1+json' --data-binary @/var/lib/registry/docker/registry/v2/blobs/sha256/${hex.slice(0, 2)}/${hex}/data https://reg.example.com/v2/app/manifests/sha256:${hex}`,
      ],
    },
  ])
})

test('children that were collected must be pushed again', () => {
  const [fault] = faultsOfMade(check, ({ revisions }, { data }) => {
    for (const { manifest, blobs } of [amd64, arm64]) {
      revisions.delete(manifest.digest)
      for (const { digest } of blobs) data.delete(digest)
    }
  })
  expect(fault).toMatchObject({
    message: 'linux/amd64, linux/arm64 cannot be pulled',
    evidence: [expect.stringContaining('its link and 3 blobs are gone'), expect.any(String)],
    because: expect.stringContaining('--delete-untagged'),
    advice: expect.stringMatching(/^Build and push again, after a restart/),
    commands: ['docker restart registry'],
  })
})

test('one platform is restored, and the other pushed again', () => {
  const [fault] = faultsOfMade(check, ({ revisions }, { data }) => {
    for (const { manifest } of [amd64, arm64]) revisions.delete(manifest.digest)
    data.delete(amd64.config.digest)
  })
  expect(fault?.advice).toBe(
    'Restore linux/arm64 with these commands before the next garbage collection; build and push again for linux/amd64.',
  )
  expect(fault?.commands).toHaveLength(2)
})

test('the tag is rolled back to the newest image that is whole', () => {
  const [fault] = faultsOfMade(check, (files, storage) => {
    pushTo(storage, 'app', multiPlatform({ seed: 'newer' }).contents, '1')
    const newer = multiPlatform({ seed: 'newer' }).images
    for (const { manifest } of newer) storage.data.delete(manifest.digest)
    files.layers.clear()
    for (const { blobs } of [amd64, arm64]) for (const { digest } of blobs) files.layers.set(digest, digest)
  })
  expect(fault?.advice).toMatch(/rolls 1 back to sha256:[0-9a-f]{8}\u2026 of 2026-10-01, the newest image/)
  expect(fault?.commands?.at(-1)).toMatch(/\/v2\/app\/manifests\/1$/)
})

test('an index without a tag is a warning', () => {
  const faults = faultsOfMade(check, ({ revisions, tags }) => {
    tags.clear()
    revisions.delete(arm64.manifest.digest)
  })
  expect(faults).toMatchObject([{ severity: 'warning', subject: `app@${madeImage.index.manifest.digest}` }])
})

test('an index without a trace of any platform is an error', () => {
  const faults = faultsOfMade(check, ({ revisions }, { data }) => {
    for (const { manifest } of [amd64, arm64]) {
      revisions.delete(manifest.digest)
      data.delete(manifest.digest)
    }
  })
  expect(faults).toMatchObject([
    { severity: 'error', evidence: [expect.stringContaining('no trace of it'), expect.any(String)] },
  ])
})

test('a platform without a trace is no orphan by itself, and nothing is promised of it beside one that lost its link', () => {
  const gone: MadeChange = ({ revisions }, { data }) => {
    revisions.delete(amd64.manifest.digest)
    data.delete(amd64.manifest.digest)
  }
  expect(faultsOfMade(check, gone)).toEqual([])
  const [fault] = faultsOfMade(check, (files, storage) => {
    gone(files, storage)
    files.revisions.delete(arm64.manifest.digest)
  })
  expect(fault).toMatchObject({
    message: 'linux/arm64, linux/amd64 cannot be pulled',
    evidence: [
      expect.stringContaining('its link is gone, all bytes are there'),
      expect.stringContaining('no trace of it'),
    ],
    because: 'Only links of linux/arm64 are gone. The next garbage collection deletes the bytes, too.',
    advice:
      'These commands write the links again; run them before the next garbage collection. There is no trace of linux/amd64: build and push again if the image is to have it.',
  })
  expect(fault?.commands).toHaveLength(1)
})

test('a pull-through cache that lacks a platform has no orphaned index, whatever else is damaged', () => {
  const faults = faultsOfMade(check, ({ revisions }, storage) => {
    storage.isCache = true
    revisions.delete(arm64.manifest.digest)
    storage.data.delete(arm64.manifest.digest)
    storage.sizes.set(amd64.config.digest, 1)
  })
  expect(faults).toEqual([])
})

test('more than five orphaned indexes have one cause', () => {
  const faults = faultsOfMade(check, (_, storage) => {
    for (let at = 0; at < 6; at += 1) {
      const one = multiPlatform({ seed: `many ${at}` })
      pushTo(storage, 'many', one.contents, `${at}`)
      repositoryIn(storage, 'many').revisions.delete(one.images[0]?.manifest.digest ?? '')
    }
  })
  expect(new Set(faults.map(({ cause }) => cause))).toEqual(new Set(['all']))
  expect(faults[0]?.title).toBe('Orphaned indexes: 6 indexes list platform images that cannot be pulled.')
})

test('whole images, lost layers and a storage that was not read are no orphaned index', () => {
  expect(faultsOfMade(check, () => {})).toEqual([])
  expect(faultsOfMade(check, (_, { data }) => data.delete(amd64.config.digest))).toEqual([])
  expect(faultsOfStorage(check, unseenStorage('it is empty'))).toEqual([])
})

test('all tags of an index are named, and each is rolled back', () => {
  const [fault] = faultsOfMade(check, (files, storage) => {
    const old = multiPlatform({ seed: 'old' })
    pushTo(storage, 'app', old.contents, 'latest')
    const current = madeImage.index.manifest.digest
    for (const tag of ['latest', '1.10', '1.9'])
      files.tags.set(tag, { current, history: [old.index.manifest.digest, current] })
    for (const { manifest } of [amd64, arm64]) storage.data.delete(manifest.digest)
  })
  expect(fault).toMatchObject({
    title:
      'Orphaned index: app:1 (also 1.9, 1.10, latest) lists 2 platform images, none of which can be pulled.',
    advice:
      'Build and push again, after a restart of the registry. Until then, the last 3 commands roll 1.9, 1.10, latest back to the newest image in the history of each that is whole.',
    explains: expect.arrayContaining(['app:1', 'app:1.9', 'app:1.10', 'app:latest']),
  })
  expect(fault?.evidence).toContainEqual(
    expect.stringMatching(/^1\.9 can go back to sha256:.* of 2026-10-01$/),
  )
  expect(fault?.commands?.slice(1).map((command) => command.split('/').at(-1))).toEqual([
    ...['1.9', '1.10', 'latest'],
  ])
})

test('many indexes keep the commands of each, with advice that is true of all', () => {
  const faults = faultsOfMade(check, (_, storage) => {
    for (let at = 0; at < 6; at += 1) {
      const one = multiPlatform({ seed: `many ${at}` })
      pushTo(storage, 'many', one.contents, `${at}`)
      repositoryIn(storage, 'many').revisions.delete(one.images[0]?.manifest.digest ?? '')
      if (at > 2) repositoryIn(storage, 'many').revisions.delete(one.images[1]?.manifest.digest ?? '')
      if (at > 2) storage.data.delete(one.images[1]?.config.digest ?? '')
    }
  })
  expect(new Set(faults.map(({ cause }) => cause))).toEqual(new Set(['all']))
  expect(new Set(faults.map(({ advice }) => advice)).size).toBe(2)
  expect(new Set(faults.map(({ commands }) => commands?.at(-1))).size).toBe(6)
})

test('that the next garbage collection deletes the bytes is said only where it does', () => {
  const because = (change: (storage: MadeStorage) => void) =>
    faultsOfMade(check, ({ revisions }, storage) => {
      revisions.delete(arm64.manifest.digest)
      change(storage)
    })[0]?.because
  expect(because(() => {})).toBe('Only links are gone. The next garbage collection deletes the bytes, too.')
  expect(because((storage) => pushTo(storage, 'copy', madeImage.contents, '1'))).toBe('Only links are gone.')
})

test('the title says that there are more than a scan lists', () => {
  const titles = (number: number) =>
    faultsOfMade(check, (files, storage) => {
      files.tags.clear()
      for (let at = 0; at < number; at += 1) {
        const one = multiPlatform({ seed: `many ${at}` })
        pushTo(storage, 'many', one.contents, `${at}`)
        repositoryIn(storage, 'many').revisions.delete(one.images[0]?.manifest.digest ?? '')
      }
    }).at(-1)?.title
  expect(titles(200)).toMatch(/: 200 /)
  expect(titles(201)).toMatch(/: at least 200 /)
})
