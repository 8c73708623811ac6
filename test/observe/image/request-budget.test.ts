import { expect, test } from 'vitest'
import { multiPlatform } from '../../../src/fake-registry/images/images.ts'
import { verifyImages } from '../../support/verify.ts'
import { useRegistries } from '../kit.ts'

const start = useRegistries()

const image = () =>
  multiPlatform({ platforms: ['linux/amd64', 'linux/arm64', 'linux/s390x'], layersPer: 4, sharedBase: true })

/** docs/cost.md, "Requests". */
const budget = ({ contents }: ReturnType<typeof image>, tags: number): number => {
  const manifests = new Set(contents.flatMap(({ kind, digest }) => (kind === 'manifest' ? [digest] : [])))
  const blobs = new Set(contents.flatMap(({ kind, digest }) => (kind === 'blob' ? [digest] : [])))
  const children = manifests.size - 1
  return 2 * tags + children + 2 + blobs.size
}

test.each(['head', 'probe', 'full'])('at depth %s every object is asked for once', async (depth) => {
  const registry = await start()
  const pushed = image()
  registry.store.push('app', pushed.contents, '1')
  await verifyImages([`${registry.host}/app:1`], { settings: { depth } })
  expect(registry.requests).toHaveLength(budget(pushed, 1))
})

test('a tag more of the same image costs two requests', async () => {
  const registry = await start()
  const pushed = image()
  for (const tag of ['1', '2', '3']) registry.store.push('app', pushed.contents, tag)
  await verifyImages(['1', '2', '3'].map((tag) => `${registry.host}/app:${tag}`))
  expect(registry.requests).toHaveLength(budget(pushed, 3))
})

test('a token costs two requests for each repository, and none is asked for again', async () => {
  const registry = await start({ auth: { kind: 'bearer', users: { ann: 'secret' } } })
  const pushed = image()
  registry.store.push('app', pushed.contents, '1')
  await verifyImages([`${registry.host}/app:1`], { settings: { username: 'ann', password: 'secret' } })
  expect(registry.requests).toHaveLength(budget(pushed, 1) + 2)
})
