import { mkdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { visitOrder } from '../../src/facts/queries/storage/forecast/visited.ts'
import type { Inventory } from '../../src/facts/storage/inventory.ts'
import { contentsOf, image, multiPlatform } from '../../src/fake-registry/images/images.ts'
import { openHttpClient } from '../../src/observe/http/client.ts'
import { findBase } from '../../src/observe/storage/filesystem/find-base.ts'
import { readFilesystem } from '../../src/observe/storage/filesystem/read.ts'
import { openBucket } from '../../src/observe/storage/s3/bucket.ts'
import { observeMultipart } from '../../src/observe/storage/s3/multipart.ts'
import { layoutKey, readBucket } from '../../src/observe/storage/s3/reading.ts'
import { findGoProgram } from '../support/go-programs.ts'
import { findProgram } from '../support/need.ts'
import { push } from '../support/push.ts'
import { registry2, registry3 } from '../support/real-generations.ts'
import { runCli } from '../support/run-cli.ts'
import {
  openS3Registry,
  type S3Registry,
  type S3Server,
  startS3Server,
  suiteWithS3,
} from '../support/s3-server.ts'
import { plainInventory } from '../support/storage/plain-inventory.ts'
import { type StorageRoot, startStorageRoot } from '../support/storage/storage-root.ts'

const { signal } = new AbortController()

const openClient = () =>
  openHttpClient({
    ...{ signal, skipTlsVerify: () => false, authorities: [], certsRoot: '/nowhere', connections: 8 },
    ...{ userAgent: 'regguard/test', now: Date.now },
  })

/** What is read from a bucket; fails with the reason if nothing is. */
async function readS3(
  server: S3Server,
  prefix: string,
  pause: () => Promise<void> = async () => {},
  hashAll?: boolean,
) {
  const client = openClient()
  try {
    const bucket = openBucket({ client, location: server.location(prefix), concurrency: 8, now: Date.now })
    const read = await readBucket({ bucket, concurrency: 8, isCache: false, progress: () => {}, pause })
    if (!read.seen) throw new Error(read.why.detail)
    const hashing =
      hashAll === undefined
        ? undefined
        : await read.value.hash?.({ isFull: hashAll, signal, now: Date.now, progress: () => {} })
    return {
      ...read.value,
      hashing,
      requests: client.requestLog.fact().log.map(({ url }) => new URL(url).pathname),
    }
  } finally {
    await client.close()
  }
}

async function multipartIn(server: S3Server, prefix: string, now: number) {
  const client = openClient()
  try {
    const location = server.location(prefix)
    return await observeMultipart(
      openBucket({ client, location, concurrency: 8, now: Date.now }),
      layoutKey(location),
      now,
    )
  } finally {
    await client.close()
  }
}

async function readFolder(root: string): Promise<Inventory> {
  const found = await findBase(root)
  if (found.state !== 'found') throw new Error('no storage')
  return (await readFilesystem(found, { signal, onRead: () => {}, pause: async () => {} })).inventory
}

suiteWithS3(registry2.suite())('a storage that was copied into a bucket', () => {
  let server: S3Server
  let storage: StorageRoot
  beforeAll(async () => {
    server = await startS3Server()
    storage = await startStorageRoot(registry2)
  })
  afterAll(async () => {
    await storage?.remove()
    await server?.stop()
  })

  test('is read as the folder is, whole and damaged', async () => {
    const made = await storage.pushIndex('infra/ci', 'latest', 'one')
    await storage.pushIndex('infra/ci', 'latest', 'two')
    await storage.pushIndex('infra/ci', '1.2', 'one')
    await storage.push('infra/ci', made.contents, 'same')
    await storage.pushIndex('infra-old', 'latest', 'one')
    await storage.pushIndex('a/b/c', 'v1')
    await storage.stop()
    await server.upload(storage.root, 'whole/')
    const whole = await readS3(server, 'whole/')
    expect(plainInventory(whole.inventory)).toEqual(plainInventory(await readFolder(storage.root)))
    expect(whole.inventory.manifests.size).toBeGreaterThan(6)
    expect(whole).toMatchObject({ base: 'docker/registry/v2', lacks: [], unread: { places: [] } })

    await damage(storage, made.index.manifest.digest)
    await server.upload(storage.root, 'damaged/')
    const damaged = await readS3(server, 'damaged/')
    expect(plainInventory(damaged.inventory)).toEqual(plainInventory(await readFolder(storage.root)))
    expect(damaged.inventory.strays.length).toBeGreaterThan(1)
    expect(damaged.inventory.isCache).toBe(true)
  })

  test('is read with a request for each manifest, and for the links that need one', async () => {
    const { requests, inventory } = await readS3(server, 'whole/')
    const read = requests.filter((path) => path !== '/images/')
    expect(read.filter((path) => path.endsWith('/data'))).toHaveLength(inventory.manifests.size)
    // The one tag that has pointed to two images.
    expect(read.filter((path) => path.endsWith('/link'))).toEqual([
      '/images/whole/docker/registry/v2/repositories/infra/ci/_manifests/tags/latest/current/link',
    ])
    expect(read).toHaveLength(inventory.manifests.size + 2)
  })

  test('is hashed: manifests as they were read, configurations, and all else with the setting', async () => {
    await storage.stop()
    await server.upload(storage.root, 'hashed/')
    const wrongOf = ({ hashing }: Awaited<ReturnType<typeof readS3>>) =>
      hashing && 'fact' in hashing ? hashing.fact.wrong.map((one) => one.digest) : []
    const before = await readS3(server, 'hashed/', undefined, true)
    const { inventory } = before
    const parsed = [...inventory.manifests].flatMap(([digest, manifest]) =>
      manifest.state === 'parsed' && manifest.document.kind === 'image'
        ? [{ digest, references: manifest.document.references }]
        : [],
    )
    const { digest, references } = parsed[0] ?? { digest: 0, references: [] }
    const config = references.find(({ role }) => role === 'config')?.digest ?? 0
    const layer = references.find(({ role }) => role === 'layer')?.digest ?? 0
    for (const one of [digest, config, layer]) {
      const [algorithm, hex = ''] = inventory.digests.text(one).split(':')
      const path = `docker/registry/v2/blobs/${algorithm}/${hex.slice(0, 2)}/${hex}/data`
      const bytes = await readFile(join(storage.root, path))
      // A manifest stays valid where one of its spaces becomes another.
      const at = one === digest ? bytes.indexOf('\n') : bytes.length - 1
      bytes[at] = one === digest ? 0x20 : (bytes[at] ?? 0) ^ 0xff
      await server.put(`hashed/${path}`, bytes)
    }
    const texts = (...some: number[]) =>
      [...new Set([...wrongOf(before), ...some.map(inventory.digests.text)])].toSorted()
    const usual = await readS3(server, 'hashed/', undefined, false)
    expect(wrongOf(usual)).toEqual(texts(digest, config))
    const whole = await readS3(server, 'hashed/', undefined, true)
    expect(wrongOf(whole)).toEqual(texts(digest, config, layer))
    expect(whole.hashing).toMatchObject({ fact: { isFull: true, left: { count: 0 }, skipped: 0 } })
    // A manifest that is right is read once.
    const sound = inventory.digests.text(parsed[1]?.digest ?? 0).slice('sha256:'.length)
    expect(whole.requests.filter((path) => path.includes(sound) && path.endsWith('/data'))).toHaveLength(1)
  })

  test('is read again where something is missing, as while an image is pushed', async () => {
    const { inventory } = await readS3(server, 'whole/')
    const repository = inventory.repositories.find(({ name }) => name === 'a/b/c')
    const current = repository?.tags[0]?.current
    const digest = current?.state === 'digest' ? inventory.digests.text(current.target) : ''
    const [algorithm, hex = ''] = digest.split(':')
    const layout = 'docker/registry/v2'
    const late = [
      `${layout}/blobs/${algorithm}/${hex.slice(0, 2)}/${hex}/data`,
      `${layout}/repositories/a/b/c/_manifests/revisions/${algorithm}/${hex}/link`,
    ]
    const bytes = await Promise.all(late.map((key) => readFile(join(storage.root, key))))
    for (const key of late) await server.remove(`whole/${key}`)
    let waits = 0
    const again = await readS3(server, 'whole/', async () => {
      waits += 1
      for (const [at, key] of late.entries()) await server.put(`whole/${key}`, bytes[at] ?? '')
    })
    expect(waits).toBe(1)
    expect(plainInventory(again.inventory)).toEqual(plainInventory(inventory))
  })

  test('has multipart uploads, which count once they are a week old', async () => {
    for (const name of ['one', 'two']) await server.beginMultipart(`whole/docker/registry/v2/${name}/data`)
    await server.beginMultipart('elsewhere/data')
    const week = 7 * 24 * 3_600_000
    expect(await multipartIn(server, 'whole/', Date.now())).toMatchObject({
      state: 'listed',
      total: 2,
      stale: 0,
    })
    expect(await multipartIn(server, 'whole/', Date.now() + week + 1000)).toMatchObject({
      ...{ state: 'listed', total: 2, stale: 2, isComplete: true, oldest: expect.any(Number) },
      examples: ['whole/docker/registry/v2/one/data', 'whole/docker/registry/v2/two/data'],
    })
  })

  test('has folders where a console made markers for them', async () => {
    const layout = 'marked/docker/registry/v2'
    await server.put(`${layout}/blobs/`, '')
    for (const folder of [
      '_layers',
      '_manifests',
      '_manifests/revisions',
      '_manifests/tags',
      '_manifests/tags/v1',
    ])
      await server.put(`${layout}/repositories/team/app/${folder}/`, '')
    const { inventory } = await readS3(server, 'marked/')
    expect(plainInventory(inventory)).toMatchObject({
      ...{ hasBlobs: true, hasRepositories: true, strays: [], blobs: [], underscoreFiles: [] },
      repositories: [
        {
          ...{ name: 'team/app', hasLayers: true, hasManifests: true, hasRevisions: true, hasTags: true },
          tags: [{ name: 'v1', history: [] }],
        },
      ],
    })
  })

  test('is scanned from the command line, without the secret in any line', async () => {
    const secret = 'wJalrXUtnFEMI-K7MDENG'
    const run = (root: string, env: Record<string, string> = {}) =>
      runCli(['scan', root, '--s3_endpoint', server.endpoint, '--log_level', 'debug'], {
        env: {
          PLUGIN_CHECKS: '',
          AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
          AWS_SECRET_ACCESS_KEY: secret,
          ...env,
        },
      })
    const [whole, none] = await Promise.all([run('s3://images/whole'), run('s3://images/elsewhere')])
    expect([whole.exitCode, whole.all]).toEqual([
      0,
      expect.stringContaining('s3://images/whole · 3 repositories, 5 tags'),
    ])
    expect([none.exitCode, none.all]).toEqual([
      3,
      expect.stringContaining('s3://images/elsewhere is no storage of a registry: it is empty'),
    ])
    for (const { all } of [whole, none]) expect(all).not.toMatch(/wJalr|Signature=|AWS4-HMAC/)
  }, 60_000)
})

/** One of each fault that the layout can have. */
async function damage({ root }: StorageRoot, index: string): Promise<void> {
  const layout = join(root, 'docker/registry/v2')
  const put = async (path: string, text: string) => {
    await mkdir(dirname(join(layout, path)), { recursive: true })
    await writeFile(join(layout, path), text)
  }
  const hex = index.slice('sha256:'.length)
  const other = 'ab'.repeat(32)
  await truncate(join(layout, 'blobs/sha256', hex.slice(0, 2), hex, 'data'), 20)
  await rm(join(layout, `repositories/infra/ci/_manifests/revisions/sha256/${hex}`), { recursive: true })
  await put(`repositories/infra/ci/_layers/sha256/${other}/link`, '')
  await put(`repositories/infra/ci/_layers/sha256/${'cd'.repeat(32)}/link`, 'not a digest')
  await put(`repositories/infra/ci/_layers/sha512/${'ef'.repeat(64)}/link`, `sha256:${other}`)
  await put(`repositories/infra/ci/_layers/odd/link`, `sha256:${other}`)
  await put(`repositories/infra/ci/_manifests/tags/empty/current/link`, '')
  await put(`repositories/infra/ci/_manifests/tags/a-file`, 'x')
  await put(`repositories/infra/ci/_manifests/tags/gone/index/sha256/${other}/link`, `sha256:${other}`)
  await put(`repositories/infra/ci/_uploads/1f0c/startedat`, '2026-01-02T03:04:05Z')
  await put(`repositories/infra/ci/_uploads/1f0c/data`, 'half')
  await put('repositories/_odd', 'x')
  await put('repositories/_below/app/_manifests/tags/v1/current/link', `sha256:${other}`)
  await put('blobs/sha256/zz/data', 'x')
  await put(`blobs/sha256/00/${other}/data`, 'misplaced')
  await put('blobs/.DS_Store', 'x')
  await writeFile(join(root, 'scheduler-state.json'), '{}')
}

const program3 = findGoProgram('registry', / v3/)
const program2 = findProgram('docker-registry')

suiteWithS3(registry3.suite(['docker-registry']))("a storage that distribution's s3 driver writes", () => {
  let server: S3Server
  let registry: S3Registry
  let older: S3Registry
  beforeAll(async () => {
    server = await startS3Server()
    registry = await openS3Registry(program3 ?? '', server, { rootdirectory: '/reg', serve: true })
    older = await openS3Registry(program2 ?? '', server, { rootdirectory: '/reg', serve: false })
    for (const repository of ['team/app', 'team/app-b', 'team/app/deep'])
      await push(registry.host, repository, multiPlatform({ seed: 'one' }).contents, { tag: 'v1' })
    await push(registry.host, 'team/app', contentsOf(image('linux/amd64')), { tag: 'single' })
  })
  afterAll(async () => {
    await registry?.stop()
    await older?.stop()
    await server?.stop()
  })

  test('is read whole', async () => {
    const { inventory, unread } = await readS3(server, 'reg/')
    expect(unread.places).toEqual([])
    const { repositories, manifests, strays } = plainInventory(inventory)
    expect(strays).toEqual([])
    expect(repositories.map(({ name, tags }) => [name, tags.map((tag) => tag.name)])).toEqual([
      ['team/app', ['single', 'v1']],
      ['team/app-b', ['v1']],
      ['team/app/deep', ['v1']],
    ])
    expect(manifests.every(([, stored]) => typeof stored === 'object' && 'kind' in stored)).toBe(true)
  })

  // Which repository a collection visits first decides which links it removes (docs/decisions/0029-buckets.md).
  test('is collected by version 3 in the order of keys, by version 2 folder by folder, as forecast', async () => {
    const visited = ({ output }: { output: string }) => output.match(/^team\/[\w/-]+$/gm)
    const { inventory } = await readS3(server, 'reg/')
    const forecast = (version: '2.8' | '3') =>
      visitOrder(inventory, { version, deleteUntagged: false }).visited.map(({ name }) => name)
    expect(visited(await registry.garbageCollect('--dry-run'))).toEqual(forecast('3'))
    expect(visited(await older.garbageCollect('--dry-run'))).toEqual(forecast('2.8'))
    expect(forecast('3')).toEqual(['team/app-b', 'team/app', 'team/app/deep'])
    expect(forecast('2.8')).toEqual(['team/app', 'team/app/deep', 'team/app-b'])
  })

  test('is collected as before where folders have markers', async () => {
    // Version 2 prints what it deletes in the random order of a map.
    const run = async () =>
      (
        await Promise.all(
          [registry, older].map((one) => one.garbageCollect('--dry-run', '--delete-untagged')),
        )
      ).map(({ exitCode, output }) => ({ exitCode, lines: output.split('\n').toSorted() }))
    const before = await run()
    const layout = 'reg/docker/registry/v2'
    const folders = ['', 'blobs/', 'blobs/sha256/', 'repositories/', 'repositories/team/app/_manifests/tags/']
    for (const folder of folders) await server.put(`${layout}/${folder}`, '')
    expect(await run()).toEqual(before)
    expect(before.map(({ exitCode }) => exitCode)).toEqual([0, 0])
  })
})
