import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { contentsOf, image, index, multiPlatform, randomLayer } from '../src/fake-registry/images/images.ts'
import { findProgram } from '../test/support/need.ts'
import { push } from '../test/support/push.ts'
import { startRealRegistry } from '../test/support/real-registry.ts'
import { runCli } from '../test/support/run-cli.ts'
import { startDelayProxy } from './delay-proxy.ts'

/** In each direction, as to a registry in the same country. */
const delayMs = 25
const rounds = 3

const platforms = [
  'linux/amd64',
  'linux/arm64',
  'linux/arm/v7',
  'linux/s390x',
  'linux/ppc64le',
  'linux/riscv64',
]

/** A program to measure; `run` is undefined where it is not installed. */
interface Candidate {
  name: string
  run: ((reference: string, directory: string) => Promise<unknown>) | undefined
}

const regguard = (...args: string[]): Candidate => ({
  name: `regguard ${args.join(' ')}`,
  run: async (reference) => {
    const { exitCode, all } = await runCli([reference, ...args])
    if (exitCode !== 0) throw new Error(all)
  },
})

const other = (
  name: string,
  program: string,
  args: (reference: string, directory: string) => string[],
): Candidate => ({
  name,
  run:
    findProgram(program) === undefined
      ? undefined
      : (reference, directory) => execa(program, args(reference, directory)),
})

const smallObjectCandidates: Candidate[] = [
  regguard('--depth', 'probe'),
  regguard('--depth', 'head'),
  regguard('--depth', 'full'),
  other('crane validate --fast', 'crane', (reference) => [
    'validate',
    '--fast',
    '--insecure',
    '--remote',
    reference,
  ]),
  other('skopeo copy --all', 'skopeo', (reference, directory) => [
    'copy',
    '--all',
    '--insecure-policy',
    '--src-tls-verify=false',
    `docker://${reference}`,
    `dir:${directory}`,
  ]),
]
const largeLayerCandidates: Candidate[] = [
  regguard('--depth', 'full'),
  other('crane validate', 'crane', (reference) => ['validate', '--insecure', '--remote', reference]),
  ...smallObjectCandidates.slice(-1),
]

const registry = await startRealRegistry()
const proxy = await startDelayProxy(registry.host, delayMs)
const directory = await mkdtemp(join(tmpdir(), 'regguard-bench-'))
try {
  const small = multiPlatform({
    platforms,
    layersPer: 30,
    layerBytes: 1000,
    sharedBase: false,
    seed: 'bench',
  })
  await push(registry.host, 'bench/many', small.contents, { tag: '1' })
  await compare(
    `193 objects, ${2 * delayMs} ms round trip, plain http`,
    smallObjectCandidates,
    `${proxy.host}/bench/many:1`,
  )

  const layers = [1, 2, 3, 4].map((n) => randomLayer({ bytes: 100_000_000, seed: `bench${n}` }))
  await push(registry.host, 'bench/large', contentsOf(index([image('linux/amd64', { layers })])), {
    tag: '1',
  })
  await compare('400 MB in four layers, no delay', largeLayerCandidates, `${registry.host}/bench/large:1`)
} finally {
  await proxy.close()
  await registry.stop()
  await rm(directory, { recursive: true, force: true })
}

/** Runs all candidates in turn for several rounds and prints the best time of each, relative to the first. */
async function compare(title: string, candidates: Candidate[], reference: string): Promise<void> {
  const best = new Map<string, number>()
  for (let round = 0; round < rounds; round += 1) {
    for (const { name, run } of candidates) {
      if (!run) continue
      const target = await mkdtemp(join(directory, 'copy-'))
      const startedAt = performance.now()
      await run(reference, target)
      const tookMs = performance.now() - startedAt
      best.set(name, Math.min(best.get(name) ?? Number.POSITIVE_INFINITY, tookMs))
      await rm(target, { recursive: true, force: true })
    }
  }
  const [first = 1] = best.values()
  process.stdout.write(`\n${title} (best of ${rounds})\n`)
  for (const { name } of candidates) {
    const ms = best.get(name)
    const text =
      ms === undefined ? 'not installed' : `${(ms / 1000).toFixed(2)} s   ${(ms / first).toFixed(1)} x`
    process.stdout.write(`  ${name.padEnd(26)} ${text}\n`)
  }
}
