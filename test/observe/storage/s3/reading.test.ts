import { createServer, type ServerResponse } from 'node:http'
import { expect, test } from 'vitest'
import { storageFact } from '../../../../src/facts/queries/storage/storage-fact.ts'
import { contentsOf, image } from '../../../../src/fake-registry/images/images.ts'
import { openBucket } from '../../../../src/observe/storage/s3/bucket.ts'
import { readBucket } from '../../../../src/observe/storage/s3/reading.ts'
import { dataOf, linksOf } from '../../../support/storage/made-root.ts'
import { useServers, useWires } from '../../kit.ts'

const openClient = useWires()
const serve = useServers()
const root = 'reg/docker/registry/v2/'

const contents = contentsOf(image('linux/amd64'))
const of = (kind: 'manifest' | 'blob') => contents.filter((content) => content.kind === kind)
const manifest = of('manifest')[0]?.digest ?? ''
const layer = of('blob').toSorted((a, b) => b.bytes.length - a.bytes.length)[0]?.digest ?? ''

/** The objects of an image with one tag, as a registry writes them. */
function objects(others: string[]): Map<string, Buffer> {
  const all = new Map(contents.map(({ digest, bytes }) => [dataOf(digest), Buffer.from(bytes)]))
  for (const digest of others) all.set(dataOf(digest), Buffer.from('other'))
  const links = linksOf('app')
  for (const { digest, kind } of contents)
    all.set(kind === 'manifest' ? links.revision(digest) : links.layer(digest), Buffer.from(digest))
  all.set(links.history('1', manifest), Buffer.from(manifest))
  all.set(links.tag('1'), Buffer.from(manifest))
  return new Map([...all].map(([key, bytes]) => [root + key, bytes]))
}

/** Scans a bucket whose listing says that the data of `digest` has so many bytes more than it has. */
async function scan(digest: string, more: number, { keepsAll = false, others = [] as string[] } = {}) {
  const all = objects(others)
  const listed = [...all]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, { length }]) => {
      const size = length + (key === root + dataOf(digest) ? more : 0)
      const text = `<Contents><Key>${key}</Key><LastModified>2026-01-02T03:04:05.000Z</LastModified><Size>${size}</Size></Contents>`
      return { key, text }
    })
  const { host } = await serve(
    createServer(({ url = '' }, response: ServerResponse) => {
      const { pathname: path, searchParams } = new URL(url, 'http://s3')
      const below = listed.filter(({ key }) => key.startsWith(searchParams.get('prefix') ?? ''))
      const body =
        path === '/images/'
          ? `<ListBucketResult>${below.map(({ text }) => text).join('')}</ListBucketResult>`
          : all.get(path.slice('/images/'.length))
      response.writeHead(body === undefined ? 404 : 200).end(body)
    }),
  )
  const location = {
    ...{ name: 's3://images/reg', bucket: 'images', prefix: 'reg/', region: 'us-east-1' },
    base: new URL(`http://${host}/images/`),
  }
  const bucket = openBucket({ client: openClient(), location, concurrency: 4, now: Date.now })
  const reading = await readBucket({
    ...{ bucket, concurrency: 4, isCache: false, progress: () => {}, pause: async () => {} },
    keepsAll,
  })
  if (!reading.seen) throw new Error(reading.why.detail)
  const hashing = await reading.value.hash?.({
    ...{ isFull: false, signal: new AbortController().signal, now: Date.now, progress: () => {} },
  })
  return storageFact({
    root: 's3://images/reg',
    readMs: 0,
    readAt: Date.now(),
    gc: {},
    ...reading.value,
    hashing,
  })
}

test('a listing that is right has nothing to report', async () => {
  const { unread, judged } = await scan(layer, 0)
  expect(unread.places).toEqual([])
  expect(judged?.images).toMatchObject({ tagged: 1, whole: 1 })
})

test.each([1, -1])(
  'a manifest of another size than listed, by %i, is not read, and its image unknown',
  async (more) => {
    const { unread, judged, forecast } = await scan(manifest, more)
    expect(unread.places).toMatchObject([
      {
        path: dataOf(manifest),
        why: expect.stringMatching(/^the listing says that it has \d+ bytes, and it has (more|\d+)$/),
      },
    ])
    expect(judged?.images).toMatchObject({ tagged: 1, whole: 0, unknown: 1, broken: [] })
    expect(forecast?.runs.every(({ breaks, isPartial }) => isPartial && breaks.total === 0)).toBe(true)
  },
)

test.each([5, -5])(
  'a layer of another size than listed, by %i, is whole: its hash is right',
  async (more) => {
    const { unread, judged } = await scan(layer, more)
    expect(judged?.images).toMatchObject({ tagged: 1, whole: 1, broken: [] })
    expect(unread.places).toMatchObject([
      { path: dataOf(layer), why: expect.stringContaining('the listing says') },
    ])
  },
)

test('data that nothing names is counted, with the same result as if it were kept', async () => {
  const others = ['a', 'b', 'c'].map((digit) => `sha256:${digit.repeat(64)}`)
  const counted = await scan(layer, 0, { others })
  const kept = await scan(layer, 0, { others, keepsAll: true })
  expect(counted.judged?.faults.unreferenced).toMatchObject({ count: 3, bytes: 15 })
  expect(counted.forecast?.runs.map(({ freed }) => freed.blobs)).toEqual([3, 3, 3, 3])
  expect(counted).toEqual(kept)
})
