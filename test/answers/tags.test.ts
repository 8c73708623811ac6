import { expect, test } from 'vitest'
import { contentsOf, image } from '../../src/fake-registry/images/images.ts'
import { sure, useRegistries } from '../observe/kit.ts'
import { outcomeOf, pushIndex, textOf, verifyApp } from './fixtures.ts'

const start = useRegistries()

test('a tag that never appears is tag-missing, with the time waited and the pushed digest', async () => {
  const registry = await start()
  const { index } = pushIndex(registry)
  registry.store.untag('app', '1')
  const expect_digest = index.manifest.digest
  const report = await verifyApp(registry, { settle: '1s', expect_digest })
  expect(outcomeOf(report)).toEqual([1, { 'tag-missing': 'error' }])
  const text = textOf(report, 'tag-missing')
  expect(text).toMatch(/404 MANIFEST_UNKNOWN for \d+(\.\d)? s/)
  expect(text).toContain(`"expected":"${expect_digest} (expect_digest)"`)
  expect(registry.requests.filter(({ path }) => path === '/v2/app/manifests/1').length).toBeGreaterThan(1)
})

test('a tag that another push overwrote is tag-moved, with both digests and the likely reason', async () => {
  const registry = await start()
  const { index } = pushIndex(registry)
  const other = image('linux/amd64', { annotations: { pipeline: 'another' } })
  registry.store.push('app', contentsOf(other), '1')
  const report = await verifyApp(registry, { expect_digest: index.manifest.digest })
  expect(outcomeOf(report)).toEqual([1, { 'tag-moved': 'error' }])
  const text = textOf(report, 'tag-moved')
  expect(text).toContain(`"expected":"${index.manifest.digest} (expect_digest)"`)
  expect(text).toContain(`"actual":"${other.manifest.digest}"`)
  expect(text).toContain('another push to the same tag')
  expect(sure(report.targets[0]).digest).toBe(other.manifest.digest)
})
