import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { judgeStorage } from '../../../src/facts/queries/storage/judge/judge.ts'
import { contentsOf, image, index } from '../../../src/fake-registry/images/images.ts'
import { dataOf, linksOf, type MadeRoot, makeRoot } from '../../support/storage/made-root.ts'
import { plain, readStorage } from './kit.ts'

let made: MadeRoot
beforeEach(() => {
  made = makeRoot()
})
afterEach(() => made.clear())

const digestsOf = (contents: { kind: string; digest: string }[], kind: string) =>
  contents
    .filter((content) => (content.kind === 'manifest') === (kind === 'manifest'))
    .map(({ digest }) => digest)
    .toSorted()

describe('what is read', () => {
  test('repositories with nested names, tags, links, data and manifests', async () => {
    const contents = contentsOf(index([image('linux/amd64'), image('linux/arm64')]))
    await made.push('team/app', contents, '1.2')
    await made.push('team', contents, 'latest')
    const [manifests, layers] = [digestsOf(contents, 'manifest'), digestsOf(contents, 'blob')]
    expect(plain(await readStorage(made.root))).toEqual({
      repositories: [
        { name: 'team', revisions: manifests, tags: ['latest'], layers },
        { name: 'team/app', revisions: manifests, tags: ['1.2'], layers },
      ],
      blobs: new Map(contents.map(({ digest, bytes }) => [digest, bytes.length])),
      manifests,
      strays: [],
    })
  })

  test('the history of a tag with its times, and an upload with its beginning', async () => {
    const [first, second] = [
      await made.pushImage('app', 'latest'),
      await made.pushImage('app', 'latest', 'linux/arm64'),
    ]
    await made.write('repositories/app/_uploads/0198/startedat', '2026-11-29T10:00:00Z')
    await made.write('repositories/app/_uploads/0198/data', '12345')
    await made.write('repositories/app/_uploads/0199/startedat', 'yesterday')
    const { inventory } = await readStorage(made.root)
    const [repository] = inventory.repositories
    const history = repository?.tags[0]?.history ?? []
    expect(history.map(({ digest }) => inventory.digests.text(digest)).toSorted()).toEqual(
      [first, second].map((contents) => contents.at(-1)?.digest).toSorted(),
    )
    expect(history.every(({ at = 0 }) => Math.abs(Date.now() - at) < 3_600_000)).toBe(true)
    expect(repository?.uploads.toSorted((a, b) => (a.id < b.id ? -1 : 1))).toEqual([
      { id: '0198', startedAt: Date.UTC(2026, 10, 29, 10), size: 5 },
      { id: '0199', startedAt: undefined, size: 0 },
    ])
  })

  test('links that say something else than their path', async () => {
    const [layer = ''] = digestsOf(await made.pushImage('app', 'latest'), 'blob')
    const other = `sha256:${'0'.repeat(64)}`
    const { layer: layerLink, revision } = linksOf('app')
    await made.write(layerLink(layer), '')
    await made.write(layerLink(`sha256:${'1'.repeat(64)}`), `${other}\n`)
    await made.write(layerLink(`sha256:${'2'.repeat(64)}`), other)
    await made.write(revision(`sha256:${'3'.repeat(64)}`), 'x'.repeat(500))
    await made.write('repositories/app/_manifests/revisions/sha256/nothing/link', other)
    const { inventory } = await readStorage(made.root)
    const { text } = inventory.digests
    const [repository] = inventory.repositories
    const said = (links: NonNullable<typeof repository>['revisions']) =>
      links.map(({ path, content }) => [path === undefined ? '' : text(path).slice(7, 9), content])
    expect(said(repository?.layers.others ?? []).toSorted()).toEqual(
      [
        [layer.slice(7, 9), { state: 'empty' }],
        ['11', { state: 'malformed', text: `${other}\n` }],
        ['22', { state: 'digest', target: inventory.digests.find(other) }],
      ].toSorted(),
    )
    expect(said(repository?.revisions ?? [])).toEqual(
      expect.arrayContaining([
        ['33', { state: 'malformed', text: 'x'.repeat(100) }],
        ['', { state: 'digest', target: inventory.digests.find(other) }],
      ]),
    )
  })

  test('what does not belong below blobs', async () => {
    const [layer = ''] = digestsOf(await made.pushImage('app', 'latest'), 'blob')
    const hex = layer.slice(7)
    for (const path of [
      '.DS_Store',
      'sha256/.nfs0001',
      `sha256/${hex}/data`,
      'sha256/zz/data',
      'md5/00/00ff/data',
    ])
      await made.write(`blobs/${path}`, 'x')
    expect(plain(await readStorage(made.root)).strays).toEqual(
      [
        'data-path blobs/md5/00/00ff/data',
        'data-path blobs/sha256/zz/data',
        `misplaced blobs/sha256/${hex}/data`,
        'other blobs/.DS_Store',
        'other blobs/sha256/.nfs0001',
      ].toSorted(),
    )
  })

  test('a pull-through cache by its schedule', async () => {
    await made.pushImage('app', 'latest')
    expect((await readStorage(made.root)).inventory.isCache).toBe(false)
    writeFileSync(join(made.root, 'scheduler-state.json'), '{}')
    for (const root of [made.root, made.base]) expect((await readStorage(root)).inventory.isCache).toBe(true)
  })

  test('names that are no UTF-8', async () => {
    await made.pushImage('app', 'latest')
    const name = Buffer.concat([Buffer.from(join(made.base, 'repositories/caf')), Buffer.from([0xe9])])
    renameSync(join(made.base, 'repositories/app'), name)
    const { repositories, manifests } = plain(await readStorage(made.root))
    expect(repositories).toMatchObject([{ name: 'caf\\xe9', tags: ['latest'] }])
    expect(manifests).toHaveLength(1)
  })
})

test('tags, links and strays whose names are no UTF-8, in a folder with other letters', async () => {
  const contents = await made.pushImage('app', 'latest')
  const root = join(made.root, 'r\u00e9gistre \u4e2d')
  mkdirSync(root)
  renameSync(join(made.root, 'docker'), join(root, 'docker'))
  const base = join(root, 'docker/registry/v2')
  const odd = (path: string) => Buffer.concat([Buffer.from(join(base, path)), Buffer.from([0xe9])])
  renameSync(
    join(base, 'repositories/app/_manifests/tags/latest'),
    odd('repositories/app/_manifests/tags/caf'),
  )
  renameSync(join(base, 'repositories/app'), odd('repositories/app'))
  writeFileSync(odd('blobs/sha256/x'), '')
  writeFileSync(odd(join(dirname(dataOf(contents[0]?.digest ?? '')), 'y')), '')
  mkdirSync(odd('blobs/sha256/00'), { recursive: true })
  writeFileSync(Buffer.concat([odd('blobs/sha256/00'), Buffer.from('/data')]), '')
  const { repositories, manifests, blobs, strays } = plain(await readStorage(root))
  expect(repositories).toMatchObject([{ name: 'app\\xe9', tags: ['caf\\xe9'] }])
  expect(repositories[0]?.layers).toEqual(digestsOf(contents, 'blob'))
  expect(manifests).toHaveLength(1)
  expect(blobs.size).toBe(contents.length)
  expect(strays).toEqual([
    'data-path blobs/sha256/00\\xe9/data',
    `other ${dirname(dataOf(contents[0]?.digest ?? ''))}/y\\xe9`,
    'other blobs/sha256/x\\xe9',
  ])
})

describe('what cannot be read', () => {
  test('symbolic links are never followed, wherever they lead', async () => {
    const contents = await made.pushImage('app', 'latest')
    const elsewhere = makeRoot()
    await elsewhere.pushImage('secret', 'latest', 'linux/arm64')
    symlinkSync(join(elsewhere.base, 'repositories/secret'), join(made.base, 'repositories/secret'))
    symlinkSync('/etc/passwd', join(made.base, 'repositories/app/_layers/link'))
    symlinkSync(join(elsewhere.base, 'blobs/sha256'), join(made.base, 'blobs/other'))
    symlinkSync('/', join(made.base, 'repositories/app/_manifests/tags/root'))
    const [layer = ''] = digestsOf(contents, 'blob')
    await made.remove(dataOf(layer))
    symlinkSync('/etc/passwd', join(made.base, dataOf(layer)))
    const reading = await readStorage(made.root)
    expect(plain(reading).repositories.map(({ name }) => name)).toEqual(['app'])
    expect(plain(reading).blobs.has(layer)).toBe(false)
    expect(reading.unread.places.map(({ path, kind }) => `${kind} ${path}`)).toEqual(
      [
        'symlink blobs/other',
        `symlink ${dataOf(layer)}`,
        'symlink repositories/app/_layers/link',
        'symlink repositories/app/_manifests/tags/root',
        'symlink repositories/secret',
      ].toSorted(),
    )
    elsewhere.clear()
  })

  /** Moves something of the layout out of the storage, and leaves a symbolic link. */
  const linkAway = (path: string) => {
    const target = join(made.root, '..', `${basename(made.root)}-elsewhere`)
    mkdirSync(target, { recursive: true })
    const to = join(target, path.replaceAll('/', '+'))
    renameSync(join(made.base, path), to)
    symlinkSync(to, join(made.base, path))
    return () => rmSync(target, { recursive: true, force: true })
  }
  const inside = {
    'the folder of all blobs': () => 'blobs',
    'the folder of an algorithm': () => 'blobs/sha256',
    'a folder of several blobs': (digest: string) => `blobs/sha256/${digest.slice(7, 9)}`,
    'the folder of a blob': (digest: string) => dirname(dataOf(digest)),
    'the file of a blob': dataOf,
  }

  test.each(Object.entries(inside))('%s behind a link is not read, and not missing', async (_, pathOf) => {
    const contents = await made.pushImage('app', 'latest')
    const [layer = ''] = digestsOf(contents, 'blob')
    const path = pathOf(layer)
    await made.write(dataOf(layer), 'what would be a wrong hash')
    const clear = linkAway(path)
    const reading = await readStorage(made.root)
    const hashing = await reading.hash?.({
      ...{ isFull: true, signal: new AbortController().signal, now: Date.now, progress: () => {} },
    })
    expect(reading.unread.places).toMatchObject([{ kind: 'symlink', path }])
    expect(plain(reading).blobs.has(layer)).toBe(false)
    expect(hashing).toMatchObject({ fact: { wrong: [] } })
    const { images, faults, repair } = judgeStorage(reading.inventory, () => undefined, Date.now())
    expect(images).toMatchObject({ tagged: 1, whole: 0, unknown: 1, broken: [] })
    expect([repair.steps, faults.links.items, faults.linksWithoutData.items]).toEqual([[], [], []])
    clear()
  })

  const ofRepository = {
    'its layer links': () => 'repositories/app/_layers',
    'the link of a layer': (layer: string) => dirname(linksOf('app').layer(layer)),
    'the link file of a layer': (layer: string) => linksOf('app').layer(layer),
    'the links of its manifests': () => 'repositories/app/_manifests/revisions',
    'what the tag points to': () => dirname(linksOf('app').tag('latest')),
    'the link file of the tag': () => linksOf('app').tag('latest'),
  }
  test.each(Object.entries(ofRepository))(
    'a repository with %s behind a link is not broken',
    async (_, pathOf) => {
      const contents = await made.pushImage('app', 'latest')
      const [layer = ''] = digestsOf(contents, 'blob')
      const clear = linkAway(pathOf(layer))
      const { inventory, unread } = await readStorage(made.root)
      expect(unread.places).toMatchObject([{ kind: 'symlink' }])
      const { images, faults, repair } = judgeStorage(inventory, () => undefined, Date.now())
      expect(images).toMatchObject({ tagged: 1, whole: 0, unknown: 1, broken: [] })
      expect([repair.steps, faults.tags.items, faults.unreferenced.count]).toEqual([[], [], 0])
      clear()
    },
  )

  test('what becomes a link while it is read is not followed when it is read again', async () => {
    const contents = await made.pushImage('app', 'latest')
    const [layer = ''] = digestsOf(contents, 'blob')
    await made.remove(dataOf(layer))
    let clear = () => {}
    const reading = await readStorage(made.root, {
      pause: async () => {
        await made.write(dataOf(layer), contents[0]?.bytes ?? '')
        clear = linkAway(dirname(dataOf(layer)))
      },
    })
    expect(plain(reading).blobs.has(layer)).toBe(false)
    expect(judgeStorage(reading.inventory, () => undefined, Date.now()).images).toMatchObject({
      unknown: 1,
      broken: [],
    })
    clear()
  })

  test('a pipe does not block, and is no data', async () => {
    await made.pushImage('app', 'latest')
    const pipe = `blobs/sha256/00/${'0'.repeat(64)}/data`
    await made.write(pipe, '')
    await made.remove(pipe)
    execFileSync('mkfifo', [join(made.base, pipe), join(made.base, 'repositories/app/_layers/link')])
    const reading = await readStorage(made.root)
    expect(plain(reading).strays).toEqual([`other ${pipe}`])
    expect(plain(reading).repositories).toHaveLength(1)
  })

  describe('without permission', () => {
    /** Reads as a user who owns nothing there; the owner of a folder may always open it again. */
    const readAsOther = async () => {
      chmodSync(made.root, 0o755)
      if (process.getuid?.() !== 0) return readStorage(made.root)
      process.seteuid?.(65534)
      try {
        return await readStorage(made.root)
      } finally {
        process.seteuid?.(0)
      }
    }

    test('folders are counted by half', async () => {
      await made.pushImage('app', 'latest')
      mkdirSync(join(made.base, 'blobs/sha256/zz'))
      chmodSync(join(made.base, 'blobs/sha256/zz'), 0)
      const { unread } = await readAsOther()
      expect(unread.counts).toMatchObject({ blobs: 1, repositories: 0, permission: 1 })
    })

    test.each<[string, (contents: { digest: string; kind: string }[]) => string, string[]]>([
      ['a tag', () => linksOf('app').tag('latest'), ['tag']],
      ['the folder of tags', () => 'repositories/app/_manifests/tags', ['tag']],
      ['a repository', () => 'repositories/app', ['tag', 'revision', 'layer']],
      ['layers', () => 'repositories/app/_layers', ['layer']],
      ['the data of a manifest', (contents) => dataOf(contents.at(-1)?.digest ?? ''), ['data']],
      ['a folder of data', (contents) => dirname(dataOf(contents.at(-1)?.digest ?? '')), ['data']],
    ])('%s is unknown, and nothing is called lost', async (_, pathOf, unknown) => {
      const contents = await made.pushImage('app', 'latest')
      await made.pushImage('other', 'latest', 'linux/arm64')
      const path = pathOf(contents)
      chmodSync(join(made.base, path), 0)
      const { unread, inventory } = await readAsOther()
      chmodSync(join(made.base, path), 0o755)
      expect(unread.places).toMatchObject([{ path, kind: 'permission', why: 'this user may not read it' }])
      const { parts } = { parts: inventory.unread }
      const manifest = inventory.digests.find(contents.at(-1)?.digest ?? '') ?? -1
      const found = {
        tag: parts.tag('app', 'latest'),
        revision: parts.links('app', 'revision'),
        layer: parts.links('app', 'layer'),
        data: parts.data(manifest) || inventory.manifests.get(manifest)?.state === 'unreadable',
      }
      expect(Object.entries(found).flatMap(([part, is]) => (is ? [part] : []))).toEqual(
        expect.arrayContaining(unknown),
      )
      const judged = judgeStorage(inventory, () => undefined, Date.now())
      expect(judged.images.broken).toEqual([])
      expect(judged.faults.tags.items).toEqual([])
      expect(judged.repair.steps).toEqual([])
    })
  })
})

test.skipIf(process.getuid?.() !== 0)('data that the owner of the rest may not read', async () => {
  const contents = [
    ...(await made.pushImage('app', '1')),
    ...(await made.pushImage('app', '2', 'linux/arm64')),
  ]
  const paths = contents.map(({ digest }) => join(made.base, dataOf(digest)))
  const [first = '', ...others] = paths
  const wrongOwner = async (mode: number, owner: number) => {
    chmodSync(first, mode)
    for (const path of others) chownSync(path, owner, owner)
    return (await readStorage(made.root)).wrongOwner
  }
  expect(await wrongOwner(0o600, 1000)).toEqual({
    owner: 1000,
    files: [{ kind: 'data', uid: 0, count: 1, first: [contents[0]?.digest] }],
  })
  expect(await wrongOwner(0o640, 1000)).toBeUndefined()
  expect(await wrongOwner(0o644, 1000)).toBeUndefined()
  expect(await wrongOwner(0o600, 0)).toBeUndefined()
  for (const path of paths) chmodSync(path, 0o600)
  expect((await wrongOwner(0o600, 1000))?.files).toMatchObject([{ uid: 0, count: 1 }])
  // Links and folders count as well, with paths of the layout.
  for (const path of paths) chmodSync(path, 0o644)
  const links = `repositories/app/_manifests/tags/1/current/link`
  chmodSync(join(made.base, links), 0o600)
  expect((await wrongOwner(0o644, 1000))?.files).toEqual([{ kind: 'link', uid: 0, count: 1, first: [links] }])
  chmodSync(join(made.base, links), 0o644)
  chmodSync(join(made.base, 'repositories/app/_layers/sha256'), 0o711)
  expect((await wrongOwner(0o644, 1000))?.files).toEqual([
    { kind: 'folder', uid: 0, count: 1, first: ['repositories/app/_layers/sha256'] },
  ])
  chmodSync(join(made.base, 'repositories/app/_layers/sha256'), 0o755)
  // Those of a repository, of a tag and of a single digest, whose files are open.
  const closed = [
    dirname(dataOf(contents[1]?.digest ?? '')),
    'repositories/app',
    `repositories/app/_layers/${contents[0]?.digest.replace(':', '/')}`,
    'repositories/app/_manifests/tags/1',
    'repositories/app/_manifests/tags/1/index',
  ]
  for (const folder of closed) chmodSync(join(made.base, folder), 0o700)
  const [found] = (await wrongOwner(0o644, 1000))?.files ?? []
  expect(found).toMatchObject({ kind: 'folder', uid: 0, count: closed.length })
  expect(found?.first.toSorted()).toEqual(closed.toSorted())
})

describe('a registry that nothing was pushed to', () => {
  const lacksOf = async () => (await readStorage(made.root)).lacks
  test.each([
    ['has no folders in the layout', ['.']],
    ['has one upload', ['repositories/app/_uploads/1']],
    ['has empty folders', ['repositories', 'blobs/sha256']],
    ['has no repositories', ['blobs']],
  ])('%s, and lacks nothing', async (_, folders) => {
    for (const folder of folders) mkdirSync(join(made.base, folder), { recursive: true })
    expect(await lacksOf()).toEqual([])
  })

  test('and one that lost a half', async () => {
    await made.pushImage('app', '1')
    renameSync(join(made.base, 'blobs'), join(made.root, 'blobs'))
    expect(await lacksOf()).toEqual(['blobs'])
    renameSync(join(made.root, 'blobs'), join(made.base, 'blobs'))
    await made.remove('repositories')
    expect(await lacksOf()).toEqual(['repositories'])
  })
})

describe('a registry that is at work', () => {
  test('what looks wrong is read again after a pause, and is well', async () => {
    const contents = contentsOf(index([image('linux/amd64'), image('linux/arm64')]))
    await made.push('app', contents, 'latest')
    const missing = digestsOf(contents, 'blob')
    for (const digest of missing) await made.remove(dataOf(digest))
    let pauses = 0
    const reading = await readStorage(made.root, {
      pause: async () => {
        pauses += 1
        await made.push('app', contents, 'latest')
      },
    })
    expect(pauses).toBe(1)
    expect([...plain(reading).blobs.keys()].toSorted()).toEqual(
      contents.map(({ digest }) => digest).toSorted(),
    )
  })

  test('an image that was pushed during the pause is read with its data', async () => {
    await made.pushImage('app', 'latest')
    await made.write(linksOf('app').tag('latest'), '')
    const newer = contentsOf(image('linux/arm64'))
    const reading = await readStorage(made.root, { pause: () => made.push('app', newer, 'latest') })
    const { blobs, manifests } = plain(reading)
    expect(newer.filter(({ digest }) => !blobs.has(digest))).toEqual([])
    expect(manifests).toContain(newer.at(-1)?.digest)
  })

  test('a repository that was deleted meanwhile is forgotten, with its data', async () => {
    const [, ...contents] = await made.pushImage('app', 'latest')
    await made.pushImage('other', 'latest', 'linux/arm64')
    await made.remove(dataOf(contents[0]?.digest ?? ''))
    const reading = await readStorage(made.root, {
      pause: async () => {
        await made.remove('repositories/app')
        for (const { digest } of contents.slice(1)) await made.remove(dataOf(digest))
      },
    })
    expect(plain(reading).repositories.map(({ name }) => name)).toEqual(['other'])
  })

  test('nothing is read twice where all is well, or where a garbage collection left layer links', async () => {
    await made.pushImage('app', 'latest')
    await made.write(linksOf('app').layer(`sha256:${'0'.repeat(64)}`), `sha256:${'0'.repeat(64)}`)
    await readStorage(made.root, {
      pause: () => {
        throw new Error('nothing looks wrong')
      },
    })
  })

  test('the end of the run ends reading, with its reason', async () => {
    await made.pushImage('app', 'latest')
    const controller = new AbortController()
    const reason = new Error('stopped by SIGTERM')
    await expect(
      readStorage(made.root, { signal: controller.signal, onRead: () => controller.abort(reason) }),
    ).rejects.toBe(reason)
  })
})
