import { writeFile } from 'node:fs/promises'
import { cpus, loadavg, totalmem } from 'node:os'
import { floor, others, regguard } from './candidates.ts'
import { measureCatalogs } from './catalog.ts'
import { type Case, compare, type Row } from './compare.ts'
import { measureFull } from './full.ts'
import { type BenchImage, largeLayers, manyBlobs } from './images.ts'
import { openPlace, type Place, type Transport } from './place.ts'
import { plot } from './plot.ts'
import { measureStart } from './start.ts'
import { secondsText, table } from './table.ts'

// Measures regguard beside the floor program and the tools of others, and writes bench/RESULTS.md and its plots. All programs of a case
// run in turn on this machine, so that the ratios hold although the times are its own. Usage: npm run bench [-- ROUNDS]

const rounds = Number(process.argv[2] ?? 5)
const here = (name: string) => new URL(name, import.meta.url)

const [loadBefore = 0] = loadavg()
const place = await openPlace()
const sections: string[] = []
try {
  const add = (title: string, ...parts: string[]) => {
    sections.push(`## ${title}`, ...parts)
    process.stdout.write(`\n## ${title}\n\n${parts.join('\n\n')}\n`)
  }
  add('Start', await measureStart(rounds * 3))
  const images: Record<string, BenchImage> = {
    one: manyBlobs(1, 10),
    many: manyBlobs(6, 30),
    most: manyBlobs(20, 10),
  }
  for (const [name, { contents }] of Object.entries(images)) await place.push(`bench/${name}`, contents)
  const of = (
    image: keyof typeof images,
    transport: Transport,
    roundTripMs: number,
    title: string,
  ): Case => ({
    ...{ title, transport, roundTripMs, repository: `bench/${image}`, blobs: images[image]?.blobs ?? [] },
  })

  const [ours, floorAndUs] = [
    [floor, regguard()],
    [floor, regguard(), ...others],
  ]
  for (const [what, candidates] of [
    [of('many', 'h2', 50, '6 platforms of 30 layers, TLS and HTTP/2, 50 ms'), floorAndUs],
    [of('many', 'h1', 50, 'The same over HTTP/1.1'), ours],
    [of('one', 'h2', 10, '1 platform of 10 layers, TLS and HTTP/2, 10 ms'), floorAndUs],
    [of('most', 'h2', 50, '20 platforms of 10 layers, TLS and HTTP/2, 50 ms'), ours],
    [of('many', 'http', 0, '6 platforms of 30 layers, without TLS, no delay'), ours],
  ] as const)
    add(what.title, table(await compare(place, what, candidates, rounds)))

  add('Cost by round trip', await byRoundTrip(place, (ms) => of('many', 'h2', ms, `${ms} ms`)))
  const large = largeLayers(4, 450_000_000)
  await place.push('bench/large', large.contents)
  add('Every byte', await measureFull(place, 'bench/large', large, Math.min(rounds, 3)))
  add('A whole registry', await measureCatalogs([100, 500, 1000, 2000], here('catalog.svg')))
} finally {
  await place.close()
}
await writeFile(here('RESULTS.md'), `${[heading(), ...sections].join('\n\n')}\n`)

async function byRoundTrip(at: Place, caseOf: (roundTripMs: number) => Case): Promise<string> {
  const candidates = [floor, regguard(), ...others.slice(0, 2)]
  const lines = candidates.map(({ name }) => ({ name, points: [] as { x: number; y: number }[] }))
  for (const roundTripMs of [0, 10, 50, 200]) {
    const rows: Row[] = await compare(at, caseOf(roundTripMs), candidates, Math.min(rounds, 3))
    for (const [index, { result }] of rows.entries())
      if (result) lines[index]?.points.push({ x: roundTripMs, y: result.seconds })
  }
  const drawn = lines.filter(({ points }) => points.length > 0)
  await writeFile(
    here('round-trip.svg'),
    plot('6 platforms of 30 layers', { x: 'round trip in ms', y: 'seconds' }, drawn),
  )
  const rows = drawn.map(
    ({ name, points }) => `| ${name} | ${points.map(({ y }) => secondsText(y)).join(' | ')} |`,
  )
  return [
    '![Time by round trip](round-trip.svg)',
    ['| | 0 ms | 10 ms | 50 ms | 200 ms |', '| --- | --- | --- | --- | --- |', ...rows].join('\n'),
  ].join('\n\n')
}

function heading(): string {
  const [cpu] = cpus()
  return `# What a run costs

\`npm run bench\` wrote this on ${new Date().toISOString().slice(0, 10)}: ${cpus().length} cores (${cpu?.model.trim() ?? 'unknown'}),
${Math.round(totalmem() / 2 ** 30)} GiB, load ${loadBefore.toFixed(1)} before the first measurement, Node ${process.versions.node}, registry 2.8 on loopback behind a proxy that delays every byte. Medians of ${rounds} rounds, from process start
to exit; all programs of a case take turns, so compare within a table and not between machines. The floor is \`bench/floor.ts\`: the same
requests by undici alone.`
}
