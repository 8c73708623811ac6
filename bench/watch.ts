import { fork } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { contentsOf, image, index, layer } from '../src/fake-registry/images/images.ts'
import { startRegistry } from '../src/fake-registry/registry.ts'
import { runCli } from '../test/support/run-cli.ts'
import { plot } from './plot.ts'

// Measures a watch: processor time, memory and requests of the first run and of one in steady state, by the number of digests. Each tag is an index
// of two platforms with four layers each, of which one is shared by the tags of a repository. With more than one number of tags the
// results are drawn as bench/watch-processor.svg and bench/watch-requests.svg.
// Usage: node bench/watch.ts [TAGS…]

const tagsOfRepository = 20
const runs = ['first run', 'steady state'] as const

interface Measured {
  tags: number
  digests: number
  /** Of processor time. */
  processor: number[]
  requests: number[]
}

if (process.send) await serve(Number(process.argv[2]))
else await measureAll(process.argv.slice(2).map(Number))

async function measureAll(given: number[]): Promise<void> {
  const measured: Measured[] = []
  for (const tags of given.length > 0 ? given : [500, 1000, 2000, 4000]) measured.push(await measure(tags))
  if (measured.length < 2) return
  for (const what of ['processor', 'requests'] as const)
    writeFileSync(new URL(`watch-${what}.svg`, import.meta.url), plotOf(measured, what))
}

async function measure(tags: number): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'regguard-bench-'))
  const server = fork(new URL(import.meta.url).pathname, [String(tags)])
  const next = () =>
    new Promise<{ host?: string; digests?: number; requests?: number }>((resolve) =>
      server.once('message', resolve),
    )
  try {
    const { host = '', digests = 0 } = await next()
    const measured: Measured = { tags, digests, processor: [], requests: [] }
    for (const what of runs) {
      const run = await runCli(['watch', host, '--once', '--settle', '0s', '--state_dir', folder], {
        ...{ dist: true, timeoutMs: 3_600_000, env: { PLUGIN_CHECKS: '' } },
      })
      server.send('count')
      const { requests = 0 } = await next()
      measured.processor.push(run.cpuSeconds ?? 0)
      measured.requests.push(requests)
      const verdict = run.all.trim().split('\n').at(-1)
      process.stdout.write(
        `${tags} tags, ${digests} digests, ${what}: ${(run.durationMs / 1000).toFixed(1)} s, ${run.cpuSeconds?.toFixed(1)} s of processor time, ${Math.round((run.peakRssKb ?? 0) / 1024)} MB, ${requests} requests · ${verdict}\n`,
      )
    }
    return measured
  } finally {
    server.kill()
    rmSync(folder, { recursive: true, force: true })
  }
}

function plotOf(measured: Measured[], what: 'processor' | 'requests'): string {
  return plot(
    'A watch of a registry',
    { x: 'digests', y: what === 'requests' ? 'requests' : 'seconds of processor time' },
    runs.map((name, at) => ({
      name,
      points: measured.map((one) => ({ x: one.digests, y: one[what][at] ?? 0 })),
    })),
  )
}

/** A registry in a process of its own, so that its memory is not counted. */
async function serve(tags: number): Promise<void> {
  const registry = await startRegistry()
  let digests = 0
  // Those of one repository.
  let known = new Set<string>()
  for (let at = 0; at < tags; at += 1) {
    if (at % tagsOfRepository === 0) known = new Set()
    const repository = `team${Math.floor(at / tagsOfRepository) % 13}/app${Math.floor(at / tagsOfRepository)}`
    const images = ['linux/amd64', 'linux/arm64'].map((platform) =>
      image(platform, {
        layers: [
          layer({ base: `${repository} ${platform}` }),
          ...[1, 2, 3].map((one) => layer({ [`file${one}`]: `${repository} ${at} ${platform} ${one}` })),
        ],
      }),
    )
    const contents = contentsOf(index(images))
    const before = known.size
    for (const { digest } of contents) known.add(digest)
    digests += known.size - before
    registry.store.push(repository, contents, `1.${at % tagsOfRepository}`)
  }
  process.on('message', () => {
    process.send?.({ requests: registry.requests.length })
    registry.requests.length = 0
  })
  process.send?.({ host: registry.host, digests })
}
