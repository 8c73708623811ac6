import { afterAll, beforeAll, expect, test } from 'vitest'
import { findGoClient, hasGo } from '../support/go-programs.ts'
import { suiteNeeds } from '../support/need.ts'
import { type RealRegistry, startRealRegistry } from '../support/real-registry.ts'
import { suiteWithout } from '../support/suite.ts'
import { verifyImages } from '../support/verify.ts'
import { type Buildkit, startBuildkit } from './buildkit.ts'
import { disagreements } from './disagreements.ts'
import { clientSources } from './pull/available.ts'
import type { Client } from './pull/client.ts'
import { shapeOf } from './shapes/shape.ts'

/** What BuildKit is asked for, who refuses what it pushes, and what regguard reports of it. */
type Row = { what: string; exporter?: string[]; flags?: string[]; refusedBy?: string[]; found?: string[] }

const both = ['--opt', 'platform=linux/amd64,linux/arm64']
const force = (compression: string) => [`compression=${compression}`, 'force-compression=true']
const [ociTypes, dockerTypes] = ['oci-mediatypes=true', 'oci-mediatypes=false']

const rows: Row[] = [
  { what: 'one platform' },
  { what: 'one platform, with provenance', flags: ['--opt', 'attest:provenance=mode=max'] },
  { what: 'two platforms', flags: both },
  {
    what: 'two platforms, with minimal provenance',
    flags: [...both, '--opt', 'attest:provenance=mode=min'],
  },
  {
    what: 'provenance as an artifact',
    exporter: ['oci-artifact=true'],
    flags: ['--opt', 'attest:provenance=mode=max'],
  },
  { what: 'Docker types', exporter: [dockerTypes] },
  { what: 'Docker types for two platforms', exporter: [dockerTypes], flags: both },
  { what: 'OCI types, gzip', exporter: [ociTypes, ...force('gzip')] },
  { what: 'OCI types, uncompressed', exporter: [ociTypes, ...force('uncompressed')] },
  { what: 'OCI types, estargz', exporter: [ociTypes, ...force('estargz')] },
  // Docker reads zstd since 23.0.
  { what: 'OCI types, zstd', exporter: [ociTypes, ...force('zstd')], refusedBy: ['docker'] },
  { what: 'Docker types, uncompressed', exporter: [dockerTypes, ...force('uncompressed')] },
  {
    what: 'Docker types, zstd',
    exporter: [dockerTypes, ...force('zstd')],
    refusedBy: ['docker', 'containerd', 'podman', 'skopeo', 'skopeo-dir'],
    found: ['warning layer-type-unsupported'],
  },
]

const [buildkitd, buildctl] = [findGoClient('buildkitd'), findGoClient('buildctl')]
const suite =
  buildkitd === undefined || buildctl === undefined
    ? suiteWithout('needs buildkitd and buildctl, which .ci/run builds where Go is installed', {
        mustRunInCi: hasGo,
      })
    : suiteNeeds(['docker-registry'])

suite('what BuildKit pushes', () => {
  let registry: RealRegistry
  let buildkit: Buildkit
  const clients: Client[] = []
  beforeAll(async () => {
    registry = await startRealRegistry()
    buildkit = await startBuildkit({ buildkitd: buildkitd ?? '', buildctl: buildctl ?? '' })
    for (const { start } of clientSources) if (start) clients.push(await start())
  }, 120_000)
  afterAll(async () => {
    await Promise.all(clients.map((client) => client.stop()))
    await buildkit?.stop()
    await registry?.stop()
  })

  test.each(rows)(
    '$what',
    async ({ what, exporter, flags, refusedBy = [], found = [] }) => {
      const reference = `${registry.host}/${what.toLowerCase().replace(/[^a-z0-9]+/g, '-')}:1`
      await buildkit.push(reference, exporter, flags)
      const pulled = await Promise.all(
        clients.map(async ({ id, pull }) => [id, await pull(reference)] as const),
      )
      const { causes } = await verifyImages([reference], { settings: { depth: 'full' } })
      const pulls = Object.fromEntries(pulled)
      expect(pulled.filter(([, { ok }]) => !ok).map(([id]) => id)).toEqual(
        refusedBy.filter((id) => id in pulls),
      )
      expect(causes.map(({ severity, id }) => `${severity} ${id}`)).toEqual(found)
      expect(disagreements({ shape: shapeOf({ image: 'OCI' }), pulls, causes })).toEqual([])
    },
    120_000,
  )

  test.each(['true', 'false'])('a registry cache, image-manifest=%s, is no fault', async (imageManifest) => {
    const cache = `${registry.host}/cache-${imageManifest}:cache`
    const to = `type=registry,ref=${cache},image-manifest=${imageManifest},mode=max,registry.insecure=true`
    await buildkit.push(`${registry.host}/cached-${imageManifest}:1`, [], ['--export-cache', to])
    const { causes, exitCode } = await verifyImages([cache], { settings: { depth: 'full' } })
    expect(causes).toEqual([])
    expect(exitCode).toBe(0)
  })
})
