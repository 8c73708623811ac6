import { afterEach, expect, test } from 'vitest'
import { multiPlatform } from '../../src/fake-registry/images/images.ts'
import { type EmbeddedRegistry, startRegistry } from '../../src/fake-registry/registry.ts'
import { causeIds, noteIds, verifyCatalog } from '../support/verify.ts'

let registry: EmbeddedRegistry | undefined
afterEach(() => registry?.close())

const filled = async (...repositories: string[]) => {
  registry = await startRegistry({})
  for (const name of repositories) registry.store.push(name, multiPlatform({ seed: name }).contents, '1')
  return registry
}

test('every tag of every repository is verified, page by page', async () => {
  const names = Array.from({ length: 5 }, (_, n) => `team/app${n}`)
  const { host, behaviour, store } = await filled(...names)
  behaviour.pageSize = 2
  store.tag('team/app3', '2', store.manifests('team/app3').at(-1)?.digest ?? '')
  const report = await verifyCatalog(host)
  expect(report.targets.map(({ reference }) => reference).toSorted()).toEqual(
    [...names.map((name) => `${host}/${name}:1`), `${host}/team/app3:2`].toSorted(),
  )
  expect(report.exitCode).toBe(0)
})

test('few repositories are under way at once, however many there are', async () => {
  const names = Array.from({ length: 40 }, (_, n) => `team/app${String(n).padStart(2, '0')}`)
  const { host, requests } = await filled(...names)
  const report = await verifyCatalog(host, { settings: { concurrency: '2' } })
  expect(report.targets).toHaveLength(40)
  const asked = requests.flatMap(({ path }) => /(team\/app\d+)\/(?:manifests|blobs)/.exec(path)?.[1] ?? [])
  const [begun, ended] = [
    names.map((name) => asked.indexOf(name)),
    names.map((name) => asked.lastIndexOf(name)),
  ]
  const underWay = asked.map((_, at) =>
    names.filter((__, name) => (begun[name] ?? 0) <= at && at <= (ended[name] ?? 0)),
  )
  expect(Math.max(...underWay.map(({ length }) => length))).toBeLessThan(8)
})

test('a broken image anywhere fails the run by name', async () => {
  const { host, store } = await filled('a/one', 'b/two')
  const child = multiPlatform({ seed: 'b/two' }).images[0]
  store.remove('b/two', child?.manifest.digest ?? '')
  const report = await verifyCatalog(host)
  expect(causeIds(report)).toEqual(['orphaned-index'])
  expect(report.exitCode).toBe(1)
})

test('a repository without tags is a note', async () => {
  const { host, store } = await filled('a/one')
  store.create('left/over')
  const report = await verifyCatalog(host)
  expect(noteIds(report)).toEqual(['empty-repo'])
  expect(report.exitCode).toBe(0)
})

test('an empty catalog is not taken for a healthy one', async () => {
  const { host } = await filled()
  const report = await verifyCatalog(host)
  expect(causeIds(report)).toEqual(['catalog-empty'])
  expect(report.status).toBe('warn')
})

test.each([
  [403, 'catalog-inaccessible'],
  [404, 'catalog-unsupported'],
  [405, 'catalog-unsupported'],
])('a catalog that answers %i is unchecked, and called %s', async (status, id) => {
  const { host, faults } = await filled('a/one')
  faults.add({ path: /_catalog/ }, { status })
  const report = await verifyCatalog(host)
  expect(causeIds(report)).toEqual([id])
  expect(report.exitCode).toBe(3)
})

test('a catalog that no login opens is inaccessible', async () => {
  registry = await startRegistry({ auth: { kind: 'basic', users: { ci: 'right' } } })
  const report = await verifyCatalog(registry.host)
  expect(causeIds(report)).toEqual(['catalog-inaccessible'])
  expect(report.exitCode).toBe(3)
})

test('a page that names itself as the next one is not taken for the last one', async () => {
  const { host, faults } = await filled('a/one')
  faults.add({ path: /_catalog/ }, { setHeader: { link: '</v2/_catalog?n=100>; rel="next"' } })
  const report = await verifyCatalog(host)
  expect(causeIds(report)).toEqual(['answer-invalid'])
  expect(JSON.stringify(report.causes)).toContain('continues with a page that was listed before')
  expect(report.exitCode).toBe(3)
})

test('a list that goes on where nobody can follow is not taken for a whole one', async () => {
  const { host, faults } = await filled('a/one')
  faults.add({ path: /_catalog/ }, { setHeader: { link: '</v2/next-page>; rel="next"' } })
  const report = await verifyCatalog(host)
  expect(causeIds(report)).toEqual(['answer-invalid'])
  expect(JSON.stringify(report.causes)).toContain('continues at a URL that cannot be followed')
  expect(report.exitCode).toBe(3)
})
