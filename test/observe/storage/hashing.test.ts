import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { repairCommand } from '../../../src/explain/storage/commands.ts'
import type { Hashing } from '../../../src/facts/storage/hashes.ts'
import type { Content } from '../../../src/fake-registry/images/images.ts'
import type { HashSettings } from '../../../src/observe/storage/reading.ts'
import { dataOf, linksOf, type MadeRoot, makeRoot } from '../../support/storage/made-root.ts'
import { readStorage } from './kit.ts'

let made: MadeRoot
let stateDir: string
let contents: Content[]
beforeEach(async () => {
  made = makeRoot()
  stateDir = mkdtempSync(join(tmpdir(), 'regguard-state-'))
  contents = await made.pushImage('app', 'latest')
})
afterEach(() => {
  made.clear()
  rmSync(stateDir, { recursive: true, force: true })
})

const stateFile = () => join(stateDir, 'regguard-hashes.jsonl')

/** Writes blobs of so many bytes that no repository links, each older than the next. */
async function writeBlobs(...sizes: number[]): Promise<string[]> {
  const { createHash } = await import('node:crypto')
  const digests: string[] = []
  for (const [at, size] of sizes.entries()) {
    const content = Buffer.alloc(size, `blob ${at}`)
    const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`
    await made.write(dataOf(digest), content)
    utimesSync(join(made.base, dataOf(digest)), 1_000_000 + at, 1_000_000 + at)
    digests.push(digest)
  }
  return digests
}

/** Hashes the storage, and what is then known of each digest. */
async function hashed(
  settings: Partial<HashSettings> = {},
  { signal = new AbortController().signal, progress = () => {}, now = Date.now } = {},
) {
  const { hash, inventory } = await readStorage(made.root)
  const result = await hash?.({ isFull: true, ...settings, signal, now, progress })
  if (!result || 'why' in result) throw new Error(result?.why)
  return { ...result, of: (digest: string) => stateIn(result, inventory.digests.find(digest)) }
}

const stateIn = (result: Hashing, digest: number | undefined) =>
  digest === undefined ? undefined : result.hashed(digest)

const rot = (digest: string) => {
  const path = join(made.base, dataOf(digest))
  const bytes = readFileSync(path)
  bytes[0] = (bytes[0] ?? 0) ^ 1
  writeFileSync(path, bytes)
}

const find = (kind: string, type: string) =>
  contents.find((content) => content.kind === kind && content.mediaType.includes(type))?.digest ?? ''

describe('what is hashed', () => {
  test('manifests and configurations always, layers only in a full pass', async () => {
    const [manifest, config, layer] = [find('manifest', ''), find('blob', 'config'), find('blob', 'layer')]
    for (const digest of [manifest, config, layer]) rot(digest)
    const short = await hashed({ isFull: false })
    // The manifest is no JSON any more, so nothing says which blob is its configuration.
    expect([short.of(manifest), short.of(layer)]).toEqual(['corrupt', undefined])
    const full = await hashed()
    expect([manifest, config, layer].map(full.of)).toEqual(['corrupt', 'corrupt', 'corrupt'])
    expect(full.fact.wrong.map(({ again }) => again)).toEqual(['same', 'same', 'same'])
  })

  test('a rotten configuration is found without hash: true', async () => {
    const config = find('blob', 'config')
    rot(config)
    const { fact, of } = await hashed({ isFull: false })
    expect([of(config), of(find('manifest', '')), of(find('blob', 'layer'))]).toEqual([
      'corrupt',
      'sound',
      undefined,
    ])
    expect(fact).toMatchObject({ isFull: false, hashed: { count: 2 }, left: { count: 0 } })
    expect(fact.wrong).toMatchObject([{ digest: config, actual: expect.stringMatching(/^sha256:/) }])
  })

  test('what has holes is hashed first, then the oldest', async () => {
    const [old, young] = await writeBlobs(10, 20)
    const holey = `sha256:${'0'.repeat(64)}`
    await made.write(dataOf(holey), '')
    truncateSync(join(made.base, dataOf(holey)), 1_000_000)
    const first = await hashed({ stateDir, budget: { bytes: 1 } })
    expect([holey, old ?? '', young ?? ''].map(first.of)).toEqual(['corrupt', undefined, undefined])
    const second = await hashed({ stateDir, budget: { bytes: 1 } })
    expect([holey, old ?? '', young ?? ''].map(second.of)).toEqual(['corrupt', 'sound', undefined])
  })
})

describe('a pass that goes on where the last one ended', () => {
  test('within a budget of bytes, until nothing is left', async () => {
    await writeBlobs(100, 200, 300)
    const small = 2
    const first = await hashed({ stateDir, budget: { bytes: 250 } })
    expect(first.fact).toMatchObject({
      ended: 'budget',
      hashed: { count: small + 2 },
      known: { count: 0 },
      left: { count: 2 },
    })
    const second = await hashed({ stateDir, budget: { bytes: 10_000_000 } })
    expect(second.fact).toMatchObject({ left: { count: 0 }, oldestAt: expect.any(Number) })
    expect(second.fact.ended).toBeUndefined()
  })

  test('within a budget of time', async () => {
    await writeBlobs(100, 200, 300)
    let now = 1_800_000_000_000
    const { fact } = await hashed(
      { stateDir, budget: { ms: 100 } },
      {
        now: () => {
          now += 60
          return now
        },
      },
    )
    expect(fact.ended).toBe('budget')
    expect(fact.left.count).toBeGreaterThan(0)
  })

  test('damage that an earlier run found is reported until the file changes', async () => {
    const [digest = ''] = await writeBlobs(100)
    rot(digest)
    await hashed({ stateDir })
    const again = await hashed({ stateDir, budget: { bytes: 1 } })
    expect(again.of(digest)).toBe('corrupt')
    rot(digest)
    expect((await hashed({ stateDir })).of(digest)).toBe('sound')
  })

  test('the end of the run keeps what was hashed until then', async () => {
    await writeBlobs(100, 200, 300)
    const controller = new AbortController()
    let done = 0
    const stopped = await hashed(
      { stateDir },
      {
        signal: controller.signal,
        progress: () => {
          done += 1
          if (done === 4) controller.abort(new Error('stopped by SIGTERM'))
        },
      },
    )
    expect(stopped.fact).toMatchObject({ ended: 'run', hashed: { count: 4 } })
    const next = await hashed({ stateDir, budget: { bytes: 1 } })
    expect(next.fact.known.count + next.fact.hashed.count).toBeGreaterThan(4)
  })

  test('a file that was replaced is hashed again', async () => {
    const [digest = ''] = await writeBlobs(100)
    await hashed({ stateDir })
    const path = join(made.base, dataOf(digest))
    const bytes = readFileSync(path)
    rmSync(path)
    writeFileSync(path, bytes)
    const { inventory, hash } = await readStorage(made.root)
    const result = await hash?.({
      ...{ isFull: true, stateDir, signal: AbortSignal.abort(new Error('at once')) },
      ...{ now: Date.now, progress: () => {} },
    })
    if (!result || 'why' in result) throw new Error('not hashed')
    expect(stateIn(result, inventory.digests.find(digest))).toBeUndefined()
    expect(result.fact.known.count).toBe(contents.length)
  })
})

describe('the state', () => {
  test('a last line that was cut off is ignored in silence', async () => {
    await hashed({ stateDir })
    const text = readFileSync(stateFile(), 'utf8')
    writeFileSync(stateFile(), `${text}{"digest":"sha256:00`)
    const { fact } = await hashed({ stateDir })
    expect(fact.stateLost).toBeUndefined()
  })

  test.each([
    ['another program’s file', 'something else\n', 'is not a state of this version'],
    [
      'a line that is not valid, and others after it',
      '{"regguard":"hashes","version":1}\nx\ny\n',
      'line 2 of .* is not valid',
    ],
  ])('%s: everything is hashed, and that is said', async (_what, text, why) => {
    writeFileSync(stateFile(), text)
    const { fact } = await hashed({ stateDir })
    expect(fact.stateLost).toMatch(new RegExp(why))
    expect(fact).toMatchObject({ known: { count: 0 }, left: { count: 0 } })
    expect((await hashed({ stateDir })).fact.stateLost).toBeUndefined()
  })

  test('a second run is told that another one hashes; a lock that nobody renews is taken over', async () => {
    const lock = join(stateDir, 'regguard-hashes.lock')
    writeFileSync(lock, '')
    await expect(hashed({ stateDir })).rejects.toThrow('another run is hashing')
    utimesSync(lock, 1_000_000, 1_000_000)
    expect((await hashed({ stateDir })).fact.left.count).toBe(0)
    await hashed({ stateDir })
  })

  test('a folder below /proc is refused, and the attempt ends', async () => {
    await expect(hashed({ stateDir: '/proc/regguard/state' })).rejects.toThrow(
      /state_dir cannot be written: ENOENT/,
    )
  })

  test('a folder is made with its parents', async () => {
    const deep = join(stateDir, 'a/b/c')
    await hashed({ stateDir: deep })
    expect(readFileSync(join(deep, 'regguard-hashes.jsonl'), 'utf8')).toContain('"regguard":"hashes"')
  })

  test('a folder that is none, and one in the storage itself, are refused', async () => {
    writeFileSync(join(stateDir, 'file'), '')
    await expect(hashed({ stateDir: join(stateDir, 'file') })).rejects.toThrow('state_dir cannot be written')
    mkdirSync(join(made.root, 'state'))
    await expect(hashed({ stateDir: join(made.root, 'state') })).rejects.toThrow('in the storage itself')
  })
})

test('a folder that became a symbolic link since it was listed is not followed', async () => {
  const { hash, inventory } = await readStorage(made.root)
  const [layer = ''] = contents.map(({ digest }) => digest)
  const folder = join(made.base, dirname(dataOf(layer)))
  renameSync(folder, join(stateDir, 'elsewhere'))
  symlinkSync(join(stateDir, 'elsewhere'), folder)
  writeFileSync(join(stateDir, 'elsewhere/data'), 'what would be a wrong hash')
  const signal = new AbortController().signal
  const result = await hash?.({ isFull: true, signal, now: Date.now, progress: () => {} })
  expect(result).toMatchObject({ fact: { wrong: [], skipped: 1 } })
  expect(inventory.digests.find(layer)).toBeDefined()
})

describe('what looks damaged is hashed in every scan', () => {
  test('data of another size than its only manifest states, so that the liar is known', async () => {
    const [layer] = contents
    const [, manifest] = [contents[0], contents.at(-1)]
    const lie = String(manifest?.bytes).replace(`"size": ${layer?.bytes.length}`, `"size": 7`)
    const { createHash } = await import('node:crypto')
    const digest = `sha256:${createHash('sha256').update(lie).digest('hex')}`
    await made.remove('repositories')
    for (const blob of contents.slice(0, -1)) await made.write(linksOf('app').layer(blob.digest), blob.digest)
    await made.write(dataOf(digest), lie)
    await made.write(linksOf('app').revision(digest), digest)
    const sound = await hashed({ isFull: false })
    expect(sound.of(layer?.digest ?? '')).toBe('sound')
    truncateSync(join(made.base, dataOf(layer?.digest ?? '')), 7)
    const short = await hashed({ isFull: false })
    expect(short.fact.wrong).toEqual([])
    truncateSync(join(made.base, dataOf(layer?.digest ?? '')), 5)
    const corrupt = await hashed({ isFull: false })
    expect(corrupt.of(layer?.digest ?? '')).toBe('corrupt')
    const spent = await hashed({ isFull: false, budget: { bytes: 0 } })
    expect(spent.of(layer?.digest ?? '')).toBeUndefined()
  })

  test('files with holes, where they are few', async () => {
    const digests = await writeBlobs(...Array.from({ length: 3 }, () => 8))
    for (const digest of digests) truncateSync(join(made.base, dataOf(digest)), 1024 * 1024)
    const few = await hashed({ isFull: false })
    expect(few.fact.sparse).toEqual({ count: 3, first: digests.toSorted() })
    expect(digests.map(few.of)).toEqual(['corrupt', 'corrupt', 'corrupt'])
    const more = await writeBlobs(...Array.from({ length: 20 }, (_, at) => 9 + at))
    for (const digest of more) truncateSync(join(made.base, dataOf(digest)), 1024 * 1024)
    const many = await hashed({ isFull: false })
    expect(many.fact.sparse.count).toBe(23)
    expect(digests.map(many.of)).toEqual([undefined, undefined, undefined])
  })
})

test('the command for a file that was not hashed moves it away only if its hash is another one', () => {
  const [{ digest, bytes } = { digest: '', bytes: Buffer.alloc(0) }] = contents
  const { command = '' } = repairCommand(
    { action: 'move-away', digest, isUnproven: true, bytes: 0, images: [] },
    {
      root: made.root,
      base: 'docker/registry/v2',
      driver: 'filesystem',
      container: 'registry',
      registry: 'REGISTRY',
    },
  )
  const path = join(made.base, dataOf(digest))
  const stays = (content: Uint8Array) => {
    writeFileSync(path, content)
    execFileSync('sh', ['-c', command])
    return existsSync(path)
  }
  expect(stays(bytes)).toBe(true)
  expect(stays(bytes.subarray(0, 7))).toBe(false)
})
