import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createLocker, type Lock, staleMs } from '../../../src/observe/watch/lock.ts'
import { type Owner, ownerOf } from '../../../src/observe/watch/owner.ts'

let folder: string
let path: string
const locks: Lock[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'regguard-lock-'))
  path = join(folder, 'x.lock')
})
afterEach(async () => {
  for (const lock of locks.splice(0)) if (lock.state === 'taken') await lock.release()
  await rm(folder, { recursive: true, force: true })
})

/** Processes of a container, by number: when each started. */
const inSpace = (space: string, pid: number, running: Record<number, string>, host = 'here'): Owner => ({
  ...{ pid, host, space, isAlive: () => true },
  startedAt: (one) => running[one],
})
const withoutProc = (pid: number, host: string, running: number[] = []): Owner => ({
  ...{ pid, host, isAlive: (one) => running.includes(one), startedAt: () => undefined },
})

/** A process that tries the lock, with a clock of its own. */
function contender(owner: Owner) {
  const clock = { at: 0 }
  const locker = createLocker(path, owner, () => clock.at)
  return {
    clock,
    attempt: async () => {
      const lock = await locker.attempt()
      locks.push(lock)
      return lock
    },
  }
}
const take = (owner: Owner) => contender(owner).attempt()
/** What the process that holds the lock does from time to time. */
const renew = async (seconds: number) => utimes(path, seconds, seconds)

describe('within one space of process numbers', () => {
  const running = { 7: '100', 8: '200' }

  test('a process that runs keeps others out until it releases the lock', async () => {
    const first = await take(inSpace('a', 7, running))
    const second = contender(inSpace('a', 8, running))
    expect(await second.attempt()).toEqual({ state: 'held', by: 'process 7 on here', isAlive: true })
    second.clock.at += 10 * staleMs
    expect((await second.attempt()).state).toBe('held')
    if (first.state === 'taken') await first.release()
    expect((await second.attempt()).state).toBe('taken')
  })

  test('one that is gone is replaced at once, also where another one has its number now', async () => {
    await take(inSpace('a', 7, running))
    expect((await take(inSpace('a', 8, { 8: '200' }))).state).toBe('taken')
    expect((await take(inSpace('a', 9, { 8: '300', 9: '400' }))).state).toBe('taken')
    // Its own number, after a restart within the same space.
    expect((await take(inSpace('a', 9, { 9: '500' }))).state).toBe('taken')
  })
})

describe('from another container or host', () => {
  test('the same host name and number may be another process: it is replaced when its lock is not renewed for a minute', async () => {
    const first = await take(inSpace('a', 1, { 1: '100' }))
    const second = contender(inSpace('b', 1, { 1: '100' }))
    expect(await second.attempt()).toEqual({ state: 'held', by: 'process 1 on here', isAlive: false })
    second.clock.at += staleMs - 1
    await renew(1000)
    expect(await second.attempt()).toEqual({ state: 'held', by: 'process 1 on here', isAlive: true })
    second.clock.at += staleMs - 1
    expect((await second.attempt()).state).toBe('held')
    second.clock.at += 1
    expect((await second.attempt()).state).toBe('taken')
    // The first one notices, and leaves the lock of the other alone.
    if (first.state !== 'taken') throw new Error('not taken')
    expect(await first.isOurs()).toBe(false)
    await first.release()
    expect(await readdir(folder)).toEqual(['x.lock'])
  })

  test.each([
    ['in the future', Date.now() / 1000 + 86_400 * 365],
    ['long ago', 1],
  ])('the time of its file says nothing: %s', async (_name, seconds) => {
    await take(withoutProc(7, 'there'))
    await renew(seconds)
    const second = contender(withoutProc(7, 'here'))
    expect((await second.attempt()).state).toBe('held')
    second.clock.at += staleMs
    expect((await second.attempt()).state).toBe('taken')
  })

  test('without /proc a process of the same host that is gone is replaced at once', async () => {
    await take(withoutProc(7, 'here'))
    expect((await take(withoutProc(8, 'here', [7]))).state).toBe('held')
    expect((await take(withoutProc(8, 'here'))).state).toBe('taken')
    expect((await take(withoutProc(8, 'here'))).state).toBe('held')
  })

  test('what is no lock of regguard is replaced when nobody touches it', async () => {
    await writeFile(path, 'hello')
    const second = contender(withoutProc(7, 'here'))
    expect(await second.attempt()).toEqual({ state: 'held', by: 'another process', isAlive: false })
    second.clock.at += staleMs
    expect((await second.attempt()).state).toBe('taken')
  })
})

test('a lock is for its owner alone, and gone when it is released', async () => {
  const lock = await take(withoutProc(7, 'here'))
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  if (lock.state === 'taken') await lock.release()
  expect(await readdir(folder)).toEqual([])
})

test('a folder that is gone is told', async () => {
  await rm(folder, { recursive: true })
  expect(await take(withoutProc(7, 'here'))).toEqual({
    state: 'unwritable',
    why: expect.stringMatching(/ENOENT/),
  })
})

test('this process is told apart by when it started, and where', async () => {
  const owner = ownerOf(process.pid, hostname(), () => true)
  const lock = await take(owner)
  expect(lock.state).toBe('taken')
  expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({
    ...{ pid: process.pid, host: hostname(), space: expect.stringMatching(/^[\da-f-]{36} pid:\[\d+\]$/) },
    started: owner.startedAt(process.pid),
  })
  expect(owner.startedAt(process.pid)).toMatch(/^\d+$/)
  expect(owner.startedAt(2 ** 30)).toBeUndefined()
  expect(await take(owner)).toMatchObject({ state: 'held', isAlive: true })
})
