import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from 'vitest'
import { multiPlatform } from '../../src/fake-registry/images/images.ts'
import { renderPlain } from '../../src/outputs/terminal/plain.ts'
import type { Report } from '../../src/report/schema.ts'
import { causeIds, verifyImages } from '../support/verify.ts'
import { useRegistries } from './kit.ts'

const start = useRegistries()
/** No program listens on port 1. */
const nobody = '127.0.0.1:1/team/app:1'

const lines = (report: Report): string[] =>
  renderPlain(report).flatMap((entry) => ('text' in entry ? [stripVTControlCharacters(entry.text)] : []))
const verdictOf = (report: Report): string => lines(report).at(-1) ?? ''

describe('a run that does not check the image', () => {
  test.each(['registry', 'registry,path', 'path'])(
    '%s: an unreachable registry never passes',
    async (checks) => {
      const report = await verifyImages([nobody], { settings: { checks } })
      expect(report.exitCode).not.toBe(0)
      expect(lines(report).join('\n')).toMatch(/no registry responded|refused/)
    },
  )

  test('the registry alone has a line of its own', async () => {
    const registry = await start()
    registry.store.push('team/app', multiPlatform({ seed: 'x' }).contents, '1')
    const report = await verifyImages([`${registry.host}/team/app:1`], { settings: { checks: 'registry' } })
    expect(report.exitCode).toBe(0)
    expect(lines(report)).toContain(`✓ registry ${registry.host} · no problems`)
  })

  test('a required group that it does not check is named', async () => {
    const registry = await start()
    registry.store.push('team/app', multiPlatform({ seed: 'x' }).contents, '1')
    const report = await verifyImages([`${registry.host}/team/app:1`], {
      settings: { checks: 'path', require: 'image' },
    })
    expect(report.exitCode).toBe(3)
    expect(verdictOf(report)).toContain('(image: required, but not one of the checks of this run)')
  })
})

describe('a run that checks only the image', () => {
  test('gives the cause, the fix and the page of a failure, whichever group its check belongs to', async () => {
    const report = await verifyImages([nobody], { settings: { checks: 'image' } })
    expect(report.exitCode).toBe(3)
    expect(causeIds(report)).toEqual(['connection-refused'])
    expect(lines(report).join('\n')).toContain('regguard-plugin explain connection-refused')
    expect(report.checks.filter(({ group, status }) => group === 'path' && status !== 'off')).toMatchObject([
      { id: 'connection-refused', status: 'fail' },
    ])
  })

  test('does not say where blobs come from if none was read', async () => {
    const registry = await start()
    const report = await verifyImages([`${registry.host}/team/app:1`])
    expect(lines(report).join('\n')).not.toContain('blobs from')
    expect(report.hosts).toMatchObject([{ servesBlobs: false }])
  })
})
