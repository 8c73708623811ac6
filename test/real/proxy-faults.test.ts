import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { contentsOf, image, randomLayer } from '../../src/fake-registry/images/images.ts'
import { type EmbeddedRegistry, startRegistry } from '../../src/fake-registry/registry.ts'
import { type Nginx, startNginx } from '../support/nginx.ts'
import { push } from '../support/push.ts'
import { registry2 } from '../support/real-generations.ts'
import type { RealRegistry } from '../support/real-registry.ts'
import { causeIds, verifyImages } from '../support/verify.ts'

registry2.suite(['nginx'])('a faulty nginx before a real registry', () => {
  let registry: RealRegistry
  let slow: EmbeddedRegistry
  let nginx: Nginx<string>
  const built = image('linux/amd64')
  const large = image('linux/amd64', {
    layers: [randomLayer({ bytes: 60 * 1024 * 1024, seed: 'large', compression: 'none' })],
  })

  beforeAll(async () => {
    registry = await registry2.start()
    slow = await startRegistry()
    await push(registry.host, 'app', contentsOf(built), { tag: '1' })
    await push(registry.host, 'large', contentsOf(large), { tag: '1' })
    slow.store.push('app', contentsOf(built), '1')
    slow.faults.add({ path: /blobs/ }, { delayMs: 4000 })
    const pass = `proxy_pass http://${registry.host};`
    nginx = await startNginx({
      headNotFound: `location / { if ($request_method = HEAD) { return 404; } ${pass} }`,
      onlyGet: `location / { if ($request_method != GET) { return 403; } ${pass} }`,
      noHead: `location / { if ($request_method = HEAD) { return 405; } ${pass} }`,
      noDigests: `location / { ${pass} } location ~ /manifests/sha256: { return 404; }`,
      untyped: `location / { ${pass} proxy_hide_header Content-Type; default_type ''; }`,
      asJson: `location / { ${pass} proxy_hide_header Content-Type; add_header Content-Type application/json; }`,
      fullDisk: `location / { ${pass} proxy_buffer_size 4k; proxy_buffers 2 4k; proxy_busy_buffers_size 4k; }`,
      hasty: `location / { proxy_pass http://${slow.host}; proxy_read_timeout 1s; }`,
    })
  })
  afterAll(async () => {
    await nginx?.stop()
    await slow?.close()
    await registry?.stop()
  })

  const verdict = async (server: string, settings: Record<string, string> = {}, name = 'app') => {
    const report = await verifyImages([`${nginx.hosts[server]}/${name}:1`], { settings })
    return { report, verdict: [report.exitCode, causeIds(report)] }
  }

  test.each([
    ['headNotFound', [1, ['head-refused']]],
    ['onlyGet', [1, ['head-refused']]],
    ['noHead', [0, []]],
    ['noDigests', [1, ['digest-not-served']]],
    ['untyped', [1, ['content-type-invalid']]],
    ['asJson', [1, ['content-type-invalid']]],
    ['hasty', [3, ['registry-unavailable']]],
  ])('%s: %j', async (server, expected) => {
    expect((await verdict(server)).verdict).toEqual(expected)
  })

  describe('that cannot write what it buffers', () => {
    beforeAll(async () => {
      const temp = join(nginx.directory, 'temp', 'proxy')
      expect(await readdir(temp)).toEqual([])
      await rm(temp, { recursive: true })
      await writeFile(temp, 'not a directory')
    })

    test.each(['probe', 'full'])(
      'is found at depth %s, because the largest layer is read whole',
      async (depth) => {
        const { verdict: found, report } = await verdict('fullDisk', { depth }, 'large')
        expect(found).toEqual([3, ['connection-cut']])
        expect(JSON.stringify(report.causes)).toContain('proxy_temp_path')
        expect(nginx.errors()).toContain('Not a directory')
      },
    )

    test('is not found with depth head, and without a sample', async () => {
      expect((await verdict('fullDisk', { depth: 'head' }, 'large')).verdict).toEqual([0, []])
      expect((await verdict('fullDisk', { sample: '0' }, 'large')).verdict).toEqual([0, []])
    })
  })
})
