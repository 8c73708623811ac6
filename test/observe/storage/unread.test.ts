import { expect, test } from 'vitest'
import { createDigestTable } from '../../../src/facts/queries/storage/digest-table.ts'
import { createUnreadList } from '../../../src/observe/storage/unread.ts'

const made = () => createUnreadList(createDigestTable())
const encoded = 'a'.repeat(64)
const [folder, data] = ['repositories/app/_manifests', `blobs/sha256/aa/${encoded}/data`]
const denied = { kind: 'permission' as const, why: 'EACCES' }

test('a place that is met twice is counted once', () => {
  const list = made()
  for (const path of [folder, folder, data, data])
    list.add({ path, half: path === data ? 'blobs' : 'repositories', ...denied })
  expect(list.fact().counts).toMatchObject({ repositories: 1, blobs: 1 })
})

test('a place that was only noted is counted when it cannot be read', () => {
  const list = made()
  list.note(folder)
  list.note(data)
  expect(list.parts.any()).toBe(false)
  list.addChanging('app', [])
  list.add({ path: data, half: 'blobs', ...denied })
  expect(list.fact().counts).toMatchObject({ repositories: 1, blobs: 1, changing: 1 })
  expect(list.parts.repositories()).toBe(true)
})
