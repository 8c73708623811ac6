import { describe, expect, test } from 'vitest'
import { contentsOf, image, multiPlatform } from '../../../src/fake-registry/images/images.ts'
import type { EmbeddedRegistry } from '../../../src/fake-registry/registry.ts'
import { verifyImages } from '../../support/verify.ts'
import { sure, useRegistries } from '../kit.ts'
import { causesText, repeatedPaths, verdictOf, verifyApp } from './app.ts'

const start = useRegistries()
const refs = ({ host }: EmbeddedRegistry, ...names: string[]) => names.map((name) => `${host}/${name}`)

describe('several tags of a repository', () => {
  test('with shared content have every digest requested once', async () => {
    const registry = await start()
    registry.store.push('app', multiPlatform({ seed: 'one', sharedBase: true }).contents, '1')
    registry.store.push(
      'app',
      multiPlatform({ seed: 'one', sharedBase: true, platforms: ['linux/amd64', 'linux/s390x'] }).contents,
      '2',
    )
    const report = await verifyImages(refs(registry, 'app:1', 'app:2'))
    expect(verdictOf(report)).toEqual([0, [], []])
    expect(repeatedPaths(registry)).toEqual(['/v2/app/manifests/1', '/v2/app/manifests/2'])
  })

  test('for one digest are each resolved, and everything else is requested once', async () => {
    const registry = await start()
    const { index, contents } = multiPlatform()
    registry.store.push('app', contents, '1')
    for (const tag of ['1.2', 'latest']) registry.store.tag('app', tag, index.manifest.digest)
    const report = await verifyImages(refs(registry, 'app:1', 'app:1.2', 'app:latest'))
    expect(verdictOf(report)).toEqual([0, [], []])
    expect(report.targets.map(({ digest, status }) => [digest, status])).toEqual(
      report.targets.map(() => [index.manifest.digest, 'pass']),
    )
    const tags = ['1', '1.2', 'latest'].map((tag) => `/v2/app/manifests/${tag}`)
    expect(repeatedPaths(registry).toSorted()).toEqual(tags)
  })

  test('of which one is missing do not affect the other', async () => {
    const registry = await start()
    registry.store.push('app', multiPlatform().contents, '1')
    const report = await verifyImages(refs(registry, 'app:1', 'app:2'))
    expect(verdictOf(report)).toEqual([1, ['tag-missing'], []])
    expect(report.targets.map(({ status }) => status)).toEqual(['pass', 'fail'])
  })
})

describe('several repositories', () => {
  test('have every digest requested once in each, because each must serve it', async () => {
    const registry = await start()
    const { contents } = multiPlatform()
    for (const name of ['app', 'team/lib']) registry.store.push(name, contents, '1')
    const report = await verifyImages(refs(registry, 'app:1', 'team/lib:1'))
    expect(verdictOf(report)).toEqual([0, [], []])
    expect(repeatedPaths(registry).toSorted()).toEqual(['/v2/app/manifests/1', '/v2/team/lib/manifests/1'])
    expect(registry.requests).toHaveLength(2 * (contents.length + 3))
  })

  test('show a child that only the other one has as a missing link', async () => {
    const registry = await start()
    const { contents, images } = multiPlatform()
    for (const name of ['app', 'lib']) registry.store.push(name, contents, '1')
    const { digest } = sure(images[0]).manifest
    registry.store.remove('app', digest)
    const report = await verifyImages(refs(registry, 'app:1', 'lib:1'))
    expect(verdictOf(report)).toEqual([1, ['child-not-linked'], []])
    expect(causesText(report)).toContain(`404 here, but ${registry.host}/lib serves it`)
  })

  test('show a child that neither has as missing', async () => {
    const registry = await start()
    const { contents, images } = multiPlatform()
    registry.store.push('app', contents, '1')
    registry.store.push('lib', contentsOf(image('linux/amd64')), '1')
    registry.store.remove('app', sure(images[0]).manifest.digest)
    const report = await verifyImages(refs(registry, 'app:1', 'lib:1'))
    expect(verdictOf(report)).toEqual([1, ['orphaned-index'], []])
  })

  test('on two registries are each requested from their own', async () => {
    const [one, two] = [await start(), await start()]
    one.store.push('app', multiPlatform().contents, '1')
    const report = await verifyImages([...refs(one, 'app:1'), ...refs(two, 'app:1')])
    expect(verdictOf(report)).toEqual([1, ['tag-missing'], []])
    expect(report.targets.map(({ status }) => status)).toEqual(['pass', 'fail'])
    expect(report.hosts.map(({ host }) => host)).toEqual([one.host, two.host])
  })
})

describe('a tag that changes during the run', () => {
  test('is reported with both digests', async () => {
    const registry = await start()
    const [old, fresh] = [image('linux/amd64'), image('linux/amd64', { annotations: { fresh: 'yes' } })]
    for (const one of [fresh, old]) registry.store.push('app', contentsOf(one), '1')
    const move = () => {
      registry.store.tag('app', '1', fresh.manifest.digest)
      return true
    }
    registry.faults.add({ digest: old.config.digest, when: move }, { delayMs: 50 })
    const report = await verifyApp(registry)
    expect(verdictOf(report)).toEqual([1, ['tag-moved'], []])
    expect(causesText(report)).toContain(`${old.manifest.digest} (when the run started)`)
    expect(causesText(report)).toContain(fresh.manifest.digest)
  })

  test('or is removed is reported', async () => {
    const registry = await start()
    const pushed = image('linux/amd64')
    registry.store.push('app', contentsOf(pushed), '1')
    const untag = () => {
      registry.store.untag('app', '1')
      return true
    }
    registry.faults.add({ digest: pushed.config.digest, when: untag }, { delayMs: 50 })
    const report = await verifyApp(registry)
    expect(verdictOf(report)).toEqual([1, ['tag-moved'], []])
    expect(causesText(report)).toContain('the tag is gone')
  })

  test('does not matter if the target is a digest', async () => {
    const registry = await start()
    const pushed = image('linux/amd64')
    registry.store.push('app', contentsOf(pushed), '1')
    registry.store.untag('app', '1')
    const report = await verifyImages([`${registry.host}/app@${pushed.manifest.digest}`])
    expect(verdictOf(report)).toEqual([0, [], []])
  })
})

describe('an expected digest', () => {
  test('that differs from the digest of the tag is reported', async () => {
    const registry = await start()
    registry.store.push('app', contentsOf(image('linux/amd64')), '1')
    const expect_digest = `sha256:${'0'.repeat(64)}`
    expect(verdictOf(await verifyApp(registry, { expect_digest }))).toEqual([1, ['tag-moved'], []])
  })
})
