import { expect, test } from 'vitest'
import check from '../../../src/checks/storage/gc-breaks-shared-index.ts'
import { collections, faultsOfForecast, makeInventory } from '../../support/storage/forecast-inventory.ts'

/** Both have the index; the first lacks the link of its platform image. */
function shared(broken: string, whole: string) {
  const made = makeInventory()
  const child = made.image('child')
  const top = made.index('index', [child])
  made.repository(broken, [top], { latest: top })
  made.repository(whole, [top, child], { latest: top })
  return { ...made, digest: made.inventory.digests.text(child) }
}

test('a whole index breaks because of a repository that the collection comes to first', () => {
  const made = shared('a', 'b')
  const hex = made.digest.slice('sha256:'.length)
  expect(faultsOfForecast(check, made, collections.recent)).toMatchObject([
    {
      ...{ subject: 'b:latest', severity: 'error', cause: 'a' },
      message: 'it cannot be pulled after garbage-collect of registry 3 with --delete-untagged',
      because: expect.stringContaining('comes to a first'),
      commands: [
        `curl -fsS -X PUT -H 'Content-Type: application/vnd.oci.image.manifest.v1+json' --data-binary @/var/lib/registry/docker/registry/v2/blobs/sha256/${hex.slice(0, 2)}/${hex}/data https://reg.example.com/v2/a/manifests/sha256:${hex}`,
      ],
    },
  ])
})

test('nothing breaks where it comes to the whole one first, or without the flag', () => {
  expect(faultsOfForecast(check, shared('b', 'a'), collections.recent)).toEqual([])
  expect(faultsOfForecast(check, shared('a', 'b'), collections.plain)).toEqual([])
})
