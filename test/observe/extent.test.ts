import { describe, expect, test } from 'vitest'
import { multiPlatform } from '../../src/fake-registry/images/images.ts'
import { renderPlain } from '../../src/outputs/terminal/plain.ts'
import { verifyImages } from '../support/verify.ts'
import { useRegistries } from './kit.ts'

const start = useRegistries()

/** A registry with an image of three platforms, what a run with these checks asks of it, and what it reports. */
async function run(checks: string, more: Record<string, string> = {}) {
  const registry = await start()
  const image = multiPlatform({ platforms: ['linux/amd64', 'linux/arm64', 'linux/arm'], seed: 'x' })
  registry.store.push('team/app', image.contents, '1')
  const report = await verifyImages([`${registry.host}/team/app:1`], { settings: { checks, ...more } })
  const asked = registry.requests.map(({ path }) =>
    path.replace('/v2/team/app/', '').replace(/sha256:.*/, 'DIGEST'),
  )
  return { asked, report, image }
}

describe('only what the enabled checks read is observed', () => {
  test('the image: every object', async () => {
    const { report, image } = await run('image')
    expect(report.totals.objects).toBeGreaterThan(3 * 2 + 1)
    expect(report.targets[0]?.members).toHaveLength(image.images.length)
  })

  test.each(['path', 'registry', 'registry,path'])('%s: one way down, to one blob', async (checks) => {
    const { asked, report } = await run(checks)
    expect(asked).toEqual(['manifests/1', 'manifests/DIGEST', 'blobs/DIGEST'])
    expect(report.exitCode).toBe(0)
    expect(report.targets).toMatchObject([{ status: 'off' }])
    expect(report.hosts).toMatchObject([{ roles: ['registry'], requests: 3 }])
  })

  test('the path alone claims nothing of the image', async () => {
    const { report } = await run('path', { require: 'path' })
    const log = renderPlain(report)
      .map((entry) => ('text' in entry ? entry.text : ''))
      .join('\n')
    expect(log).not.toContain(' image ')
    expect(log).toContain('no problems found · path')
    expect(log).not.toMatch(/\d objects?/)
  })

  test('a path that is required and dead is not fine', async () => {
    const report = await verifyImages(['127.0.0.1:1/team/app:1'], {
      settings: { checks: 'path', require: 'path' },
    })
    expect(report.causes.map(({ id }) => id)).toEqual(['connection-refused'])
    expect(report.exitCode).not.toBe(0)
  })

  test('the runner: no request at all', async () => {
    const { asked } = await run('runner', { runner_window: '0s' })
    expect(asked).toEqual([])
  })
})
