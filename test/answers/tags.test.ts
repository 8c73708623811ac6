import { expect, test } from 'vitest'
import { contentsOf, image } from '../../src/fake-registry/images/images.ts'
import { sure, useRegistries } from '../observe/kit.ts'
import { pushIndex, toldBy, verifyApp, wordsOf } from './told.ts'

const start = useRegistries()

test('a tag that never shows is told with the seconds waited and the digest of the push', async () => {
  const registry = await start()
  const { index } = pushIndex(registry)
  registry.store.untag('app', '1')
  const expect_digest = index.manifest.digest
  const report = await verifyApp(registry, { settle: '1s', expect_digest })
  expect(toldBy(report)).toEqual([1, { 'tag-missing': 'error' }])
  const words = wordsOf(report, 'tag-missing')
  expect(words).toMatch(/404 MANIFEST_UNKNOWN for 1(\.\d)? s/)
  expect(words).toContain(`"expected":"${expect_digest} (expect_digest)"`)
  expect(registry.requests.filter(({ path }) => path === '/v2/app/manifests/1').length).toBeGreaterThan(1)
})

test('a tag that another push took is told with both digests, and with what may have happened', async () => {
  const registry = await start()
  const { index } = pushIndex(registry)
  const other = image('linux/amd64', { annotations: { pipeline: 'another' } })
  registry.store.push('app', contentsOf(other), '1')
  const report = await verifyApp(registry, { expect_digest: index.manifest.digest })
  expect(toldBy(report)).toEqual([1, { 'tag-moved': 'error' }])
  const words = wordsOf(report, 'tag-moved')
  expect(words).toContain(`"expected":"${index.manifest.digest} (expect_digest)"`)
  expect(words).toContain(`"actual":"${other.manifest.digest}"`)
  expect(words).toContain('another push to the same tag')
  expect(sure(report.targets[0]).digest).toBe(other.manifest.digest)
})
