import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Program, startProgram, statusOf } from '../support/program.ts'
import { type Prometheus, shortened, startPrometheus } from '../support/prometheus.ts'
import { registry2 } from '../support/real-generations.ts'
import { freePort } from '../support/real-registry.ts'
import { type StorageRoot, startStorageRoot } from '../support/storage/storage-root.ts'
import { until } from '../support/until.ts'

const root = new URL('../../', import.meta.url)
const text = (path: string) => readFileSync(new URL(path, root), 'utf8')
const failure = 'RegistryManifestIntegrityFailure'
const stale = 'RegistryIntegrityProbeStale'
/** For machines under load; conditions come within seconds. */
const time = { timeout: 100_000 }
const limit = { limitMs: 90_000 }

/**
 * The incident of the orphaned index with a watch: `garbage-collect --delete-untagged` between two runs, on a registry that answers. The
 * rules are those that ship, 300 times as fast: a run every 3 s, `for: 5m` is 1 s.
 */
registry2.suite(['prometheus', 'prometheus-alertmanager'])('alerts of a watch in Prometheus', () => {
  let storage: StorageRoot
  let prometheus: Prometheus
  let watch: Program
  let registry = ''

  beforeAll(async () => {
    storage = await startStorageRoot(registry2)
    registry = storage.registry.host
    await storage.pushIndex('infra/ci', 'latest')
    await storage.pushIndex('team/app', '1.0')
    const port = await freePort()
    watch = await startProgram(
      [
        process.execPath,
        fileURLToPath(new URL('src/main.ts', root)),
        ...['watch', registry, '--interval', '3s', '--settle', '500ms', '--reprove', '6s'],
        ...['--listen', `127.0.0.1:${port}`],
      ],
      { ready: async () => (await statusOf(`http://127.0.0.1:${port}/readyz`)) === 200, name: 'the watch' },
    )
    prometheus = await startPrometheus({
      target: `127.0.0.1:${port}`,
      rules: shortened(text('deploy/prometheus/rules/regguard.yaml'), 300),
      alertmanager: text('deploy/prometheus/alertmanager.yaml'),
    })
  })
  afterAll(async () => {
    await prometheus?.stop()
    await watch?.stop()
    await storage?.remove()
  })

  test('a whole registry: nothing fires', time, async () => {
    await until('two runs were scraped', async () => {
      const runs = await prometheus.value('sum(regguard_probe_runs_total{outcome="ok"})')
      return (runs ?? 0) >= 2
    })
    expect(await prometheus.value('sum(regguard_probe_findings)')).toBe(0)
    expect(await prometheus.value('registry_manifest_integrity_indexes_checked')).toBe(2)
    // Prometheus was there before its first scrape.
    await until('nothing fires', async () => (await prometheus.firing()).length === 0)
  })

  test(
    'after a garbage collection one alert fires, and names registry, class and repository',
    time,
    async () => {
      expect((await storage.registry.garbageCollect({ deleteUntagged: true })).exitCode).toBe(0)
      const alert = await until('the alert fires', async () => (await prometheus.firing(failure))[0], limit)
      expect(alert?.labels).toEqual({
        ...{ alertname: failure, severity: 'critical' },
        ...{ registry, class: 'orphaned-index' },
      })
      expect(alert?.annotations.summary).toBe(
        `${registry} lists images that cannot be pulled: orphaned-index`,
      )
      expect(alert?.annotations.description).toContain('infra/ci, ')
      expect(alert?.annotations.runbook_url).toMatch(/\/findings\/orphaned-index\.md$/)
      await until('Alertmanager has it', async () => (await prometheus.sent()).active.includes(failure))
    },
  )

  test('after a rebuild it resolves', time, async () => {
    // Its cache knows blobs that are gone: decision 27.
    await storage.registry.restart()
    await storage.pushIndex('infra/ci', 'latest')
    await storage.pushIndex('team/app', '1.0')
    await until('nothing fires', async () => (await prometheus.firing(failure)).length === 0, limit)
    expect(await prometheus.value('sum(regguard_probe_findings{severity="error"})')).toBe(0)
  })

  test('a registry that is down: one message, which says so', time, async () => {
    await storage.stop()
    await until(
      'the other alerts are inhibited',
      async () => {
        const { active, inhibited } = await prometheus.sent()
        return active.includes('RegistryCatalogInaccessible') && inhibited.includes(stale)
      },
      limit,
    )
    expect(await prometheus.value('regguard_probe_findings')).toBeUndefined()
  })

  test('a watch that is gone is an alert, although its series have ended', time, async () => {
    watch.signal('SIGKILL')
    await until(
      'only that the watch is gone is said',
      async () => {
        const { active } = await prometheus.sent()
        return active.includes(stale) && !active.includes('RegistryCatalogInaccessible')
      },
      limit,
    )
    expect(await prometheus.value('regguard_probe_last_success_timestamp_seconds')).toBeUndefined()
    expect((await prometheus.firing(stale))[0]?.labels.registry).toBe(registry)
  })
})
