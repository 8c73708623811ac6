import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { emptyState, repositoryIn } from '../../../src/facts/watch/state.ts'
import type { Owner } from '../../../src/observe/watch/owner.ts'
import { fileStore } from '../../../src/observe/watch/state-file.ts'

const registry = 'registry.example.com:5000'
const shard = { index: 0, total: 1 }
const owner: Owner = { pid: 7, host: 'here', isAlive: () => true, startedAt: () => undefined }

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'regguard-watch-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const store = (of = owner, name = registry, part = shard, at = folder) => fileStore(at, name, part, of)
const fileIn = async () => join(folder, (await readdir(folder)).find((name) => name.endsWith('.jsonl')) ?? '')

function someState(tags: number) {
  const state = emptyState(registry)
  for (let at = 0; at < tags; at += 1) repositoryIn(state, `app${at}`).tags.set('1', { firstSeen: at })
  return state
}

describe('the file of a state', () => {
  test('is read as it was saved, and for its owner alone', async () => {
    const state = someState(20_000)
    expect(await store().save(state)).toBeUndefined()
    expect(await store().load()).toEqual({ state })
    expect((await stat(await fileIn())).mode & 0o777).toBe(0o600)
    expect(await readdir(folder)).toHaveLength(1)
  })

  test('does not exist at first', async () => {
    expect(await store().load()).toEqual({ state: emptyState(registry) })
  })

  test('is another one for each registry and each shard', async () => {
    for (const name of ['a.b', 'a.b:5000', 'a.b_5000', '[::1]:5000'])
      for (const index of [0, 1]) await store(owner, name, { index, total: 2 }).save(emptyState(name))
    expect(new Set(await readdir(folder)).size).toBe(8)
  })

  test.each([
    ['cut off', (file: string) => truncate(file, 50)],
    ['empty', (file: string) => truncate(file, 0)],
    ['of another version', (file: string) => writeFile(file, '{"regguard":"watch","version":3}\n')],
    ['something else', (file: string) => writeFile(file, Buffer.from([0xff, 0, 0xfe]))],
  ])('that is %s is said to be lost, and is replaced', async (_name, damage) => {
    await store().save(someState(3))
    const file = await fileIn()
    await damage(file)
    const loaded = await store().load()
    expect(loaded).toEqual({ state: emptyState(registry), lost: expect.stringContaining(file) })
    await store().save(someState(3))
    expect(await store().load()).toEqual({ state: someState(3) })
  })

  test('that cannot be written leaves what was there, and says why', async () => {
    await store().save(someState(1))
    const before = await readFile(await fileIn(), 'utf8')
    // A folder in the place of the draft: root may write everywhere else.
    await mkdir(`${await fileIn()}.tmp`)
    expect(await store().save(someState(2))).toMatch(/EISDIR/)
    expect(await readFile(await fileIn(), 'utf8')).toBe(before)
  })

  test('that finds the disk full leaves what was there, and is saved once there is room', async () => {
    await store().save(someState(1))
    await symlink('/dev/full', `${await fileIn()}.tmp`)
    expect(await store().save(someState(2))).toMatch(/ENOSPC/)
    expect(await store().load()).toEqual({ state: someState(1) })
    expect(await store().save(someState(2))).toBeUndefined()
    expect(await store().load()).toEqual({ state: someState(2) })
  })

  test('a draft that a killed process left is written over', async () => {
    await store().save(someState(1))
    await writeFile(`${await fileIn()}.tmp`, '{"half a li')
    expect(await store().load()).toEqual({ state: someState(1) })
    expect(await store().save(someState(2))).toBeUndefined()
    expect(await store().load()).toEqual({ state: someState(2) })
  })
})

test.each(['below', ''])(
  'a folder that is a file, or below one (%s), has no state that is lost',
  async (below) => {
    const file = join(folder, 'file')
    await writeFile(file, '')
    expect(await store(owner, registry, shard, join(file, below)).load()).toEqual({
      state: emptyState(registry),
    })
  },
)

test('a folder that cannot be made has no lock, with the reason', async () => {
  const file = join(folder, 'file')
  await writeFile(file, '')
  expect(await store(owner, registry, shard, join(file, 'below')).lock()).toEqual({
    state: 'unwritable',
    why: expect.stringMatching(/ENOTDIR/),
  })
  expect(await store(owner, registry, shard, file).lock()).toEqual({
    state: 'unwritable',
    why: expect.stringMatching(/ENOTDIR/),
  })
})

test('a folder below /proc has none, either, and the attempt ends', async () => {
  expect(await store(owner, registry, shard, '/proc/regguard/state').lock()).toEqual({
    state: 'unwritable',
    why: expect.stringMatching(/ENOENT/),
  })
})
