import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runCli } from '../support/run-cli.ts'

const many = 20_000
/** The limit for a million blobs is 300 MB; bench/storage.ts measures that. */
const maxKb = 200 * 1024

describe('memory of a scan', () => {
  let root = ''
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'regguard-many-'))
    writeBlobs(root, many)
  }, 180_000)
  afterAll(() => rmSync(root, { recursive: true, force: true }))

  test('is bounded for many blobs', { timeout: 120_000 }, async () => {
    expect(await scan(root)).toBeLessThan(maxKb)
  })
})

/** The peak of memory, in KiB. */
async function scan(root: string): Promise<number> {
  const run = await runCli(['scan', root], { env: { PLUGIN_CHECKS: '' } })
  expect(run.all).toContain(`${many} blobs`)
  return run.peakRssKb ?? Number.POSITIVE_INFINITY
}

/** Writes empty data files with made-up digests. */
function writeBlobs(root: string, count: number): void {
  const base = join(root, 'docker/registry/v2')
  mkdirSync(join(base, 'repositories'), { recursive: true })
  for (let at = 0; at < count; at += 1) {
    const hex = createHash('sha256').update(`blob ${at}`).digest('hex')
    const folder = join(base, 'blobs/sha256', hex.slice(0, 2), hex)
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'data'), '')
  }
}
