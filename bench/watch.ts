import { fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { contentsOf, image, index, layer } from '../src/fake-registry/images/images.ts'
import { startRegistry } from '../src/fake-registry/registry.ts'
import { runCli } from '../test/support/run-cli.ts'

// Measures a watch: time, memory and requests of the first run and of one in steady state, by the number of tags. Each tag is an index of
// two platforms with four layers each, of which one is shared by the tags of a repository.
// Usage: node bench/watch.ts [TAGS…]

const tagsOfRepository = 20

if (process.send) await serve(Number(process.argv[2]))
else await measureAll(process.argv.slice(2).map(Number))

async function measureAll(given: number[]): Promise<void> {
  for (const tags of given.length > 0 ? given : [250, 500, 1000, 2000, 4000]) await measure(tags)
}

async function measure(tags: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'regguard-bench-'))
  const server = fork(new URL(import.meta.url).pathname, [String(tags)])
  const next = () =>
    new Promise<{ host?: string; requests?: number }>((resolve) => server.once('message', resolve))
  try {
    const { host = '' } = await next()
    for (const what of ['first run', 'steady state']) {
      const run = await runCli(['watch', host, '--once', '--settle', '0s', '--state_dir', folder], {
        ...{ timeoutMs: 3_600_000, env: { PLUGIN_CHECKS: '' } },
      })
      server.send('count')
      const { requests } = await next()
      const verdict = run.all.trim().split('\n').at(-1)
      process.stdout.write(
        `${tags} tags, ${what}: ${(run.durationMs / 1000).toFixed(1)} s, ${Math.round((run.peakRssKb ?? 0) / 1024)} MB, ${requests} requests · ${verdict}\n`,
      )
    }
  } finally {
    server.kill()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A registry in a process of its own, so that its memory is not counted. */
async function serve(tags: number): Promise<void> {
  const registry = await startRegistry()
  for (let at = 0; at < tags; at += 1) {
    const repository = `team${Math.floor(at / tagsOfRepository) % 13}/app${Math.floor(at / tagsOfRepository)}`
    const images = ['linux/amd64', 'linux/arm64'].map((platform) =>
      image(platform, {
        layers: [
          layer({ base: `${repository} ${platform}` }),
          ...[1, 2, 3].map((one) => layer({ [`file${one}`]: `${repository} ${at} ${platform} ${one}` })),
        ],
      }),
    )
    registry.store.push(repository, contentsOf(index(images)), `1.${at % tagsOfRepository}`)
  }
  process.on('message', () => {
    process.send?.({ requests: registry.requests.length })
    registry.requests.length = 0
  })
  process.send?.({ host: registry.host })
}
