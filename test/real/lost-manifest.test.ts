import { afterAll, beforeAll, expect, test } from 'vitest'
import { contentsOf, image } from '../../src/fake-registry/images/images.ts'
import { suiteNeeds } from '../support/need.ts'
import { push } from '../support/push.ts'
import { type RealRegistry, startRealRegistry } from '../support/real-registry.ts'
import { causeIds, verifyImages } from '../support/verify.ts'

suiteNeeds(['docker-registry'])('a manifest that registry 2.8 has lost and still caches', () => {
  let registry: RealRegistry
  const pushed = image('linux/amd64')
  const pushAgain = () =>
    push(registry.host, 'app', contentsOf(pushed), { tag: 'latest', skipExisting: true })
  const verify = (tag = 'latest') => verifyImages([`${registry.host}/app:${tag}`])

  beforeAll(async () => {
    registry = await startRealRegistry()
    await pushAgain()
    expect(causeIds(await verify())).toEqual([])
    // A push of another image to the tag leaves the first one untagged, so that it is collected.
    await push(registry.host, 'app', contentsOf(image('linux/arm64')), { tag: 'latest' })
    await registry.garbageCollect({ deleteUntagged: true })
    await pushAgain()
  })
  afterAll(() => registry?.stop())

  test('is listed as a tag, and a push alone does not bring it back', async () => {
    const before = await verify()
    await pushAgain()
    for (const report of [before, await verify()]) {
      expect([report.exitCode, causeIds(report)]).toEqual([1, ['tag-missing']])
      expect(report.causes[0]).toMatchObject({
        title: expect.stringContaining('Lost manifest: the registry lists the tag'),
        advice: expect.stringContaining('Restart the registry'),
      })
    }
  })

  test('differs from a tag that was never pushed', async () => {
    const report = await verify('1.0')
    expect(causeIds(report)).toEqual(['tag-missing'])
    expect(report.causes[0]?.title).toBe('Tag not found in the registry.')
  })

  test('is back after the restart and the push that the advice names', async () => {
    await registry.restart()
    expect(causeIds(await verify())).toEqual(['tag-missing'])
    await pushAgain()
    const report = await verify()
    expect([report.exitCode, causeIds(report)]).toEqual([0, []])
  })
})
