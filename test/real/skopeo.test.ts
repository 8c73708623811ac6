import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { multiPlatform } from '../../src/fake-registry/images/images.ts'
import { startRegistry } from '../../src/fake-registry/registry.ts'
import { suiteNeeds } from '../support/need.ts'
import { skopeoCopyAll } from '../support/skopeo.ts'

let scratch: string

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'regguard-demo-'))
})
afterAll(() => rm(scratch, { recursive: true, force: true }))

suiteNeeds(['skopeo'])('the embedded registry, to skopeo', () => {
  test.each([
    ['oci', 'gzip'],
    ['oci', 'zstd'],
    ['docker', 'gzip'],
  ] as const)('serves a healthy %s image packed with %s', async (format, compression) => {
    const registry = await startRegistry()
    const attestations = format === 'oci'
    registry.store.push('team/app', multiPlatform({ format, compression, attestations }).contents, 'v1')
    const dir = join(scratch, `${format}-${compression}`)
    const copied = await skopeoCopyAll(`${registry.host}/team/app:v1`, dir)
    await registry.close()
    expect(copied).toMatchObject({ ok: true })
    expect(await readdir(dir)).toContain('manifest.json')
  })

  test('asks for a password, and breaks off where a layer has no bytes', async () => {
    const registry = await startRegistry({ auth: { kind: 'bearer', users: { ann: 'pw' } } })
    const whole = multiPlatform()
    registry.store.push('app', whole.contents, 'v1')
    const reference = `${registry.host}/app:v1`
    const login = { user: 'ann', password: 'pw' }
    expect(await skopeoCopyAll(reference, join(scratch, 'nobody'))).toMatchObject({ ok: false })
    expect(await skopeoCopyAll(reference, join(scratch, 'ann'), login)).toMatchObject({ ok: true })
    const digest = whole.images[1]?.layers[0]?.digest ?? ''
    registry.faults.add({ digest }, { staleCache: true })
    expect(await skopeoCopyAll(reference, join(scratch, 'stale'), login)).toMatchObject({ ok: false })
    await registry.close()
  })
})
