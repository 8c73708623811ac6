// Lets the garbage collection of both generations of the registry loose on random storages, compares what it does with the forecast, and
// writes docs/forecast.md.
//
//   npm run prove:forecast [-- --count 20000] [--seed 1] [--minutes N] [--state FILE] [--only SEED]
//
// Needs Debian's docker-registry 2.8.2 and the registry 3.1.2 (`go install`). It takes hours; with --minutes, it ends
// with what it has tried by then; with --state, it goes on from what that file says, and writes it anew. With --only, one root is tried and its files are shown.
// Exits with 1 where the forecast and a program disagree.
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { allOptions, type Tally, tryBatch } from '../test/storage/batch.ts'
import { collectors } from '../test/storage/collectors.ts'
import { randomRoot } from '../test/storage/random-root.ts'
import { openShell } from '../test/storage/shell.ts'
import { forecastPage } from './prove-forecast/page.ts'

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
    minutes: { type: 'string' },
    state: { type: 'string' },
    only: { type: 'string' },
  },
})
const say = (line: string) => void process.stdout.write(`${line}\n`)
const first = Number(values.only ?? values.seed)
const count = values.only === undefined ? Number(values.count) : 1
const batch = 100

const programs = collectors()
const missing = Object.entries(programs).flatMap(([version, program]) => (program ? [] : [version]))
if (missing.length > 0) {
  say(`The registry ${missing.join(' and ')} is not installed.`)
  process.exit(2)
}
if (values.only !== undefined)
  for (const [path, content] of Array.from(randomRoot(first)).toSorted())
    say(`${path}: ${content?.toString() ?? 'a folder'}`)

const tally: Tally =
  values.state !== undefined && existsSync(values.state)
    ? JSON.parse(await readFile(values.state, 'utf8'))
    : { roots: 0, ends: {}, removedFiles: 0, disagreements: [] }
const shell = openShell()
const started = Date.now()
const endAt =
  values.minutes === undefined ? Number.POSITIVE_INFINITY : started + Number(values.minutes) * 60_000
while (tally.roots < count && Date.now() < endAt) {
  const size = Math.min(batch, count - tally.roots)
  const seeds = Array.from({ length: size }, (_, at) => first + tally.roots + at)
  const known = tally.disagreements.length
  await tryBatch(seeds, allOptions, programs, shell, tally)
  tally.roots += size
  for (const line of tally.disagreements.slice(known)) say(line)
  if (values.state !== undefined) await writeFile(values.state, JSON.stringify(tally))
  if (tally.roots % 400 === 0) say(`${tally.roots} of ${count}, ${tally.disagreements.length} disagreements`)
}
shell.close()
const minutes = Math.round((Date.now() - started) / 60_000)
say(
  `${tally.roots} roots, ${tally.removedFiles} files removed, ${tally.disagreements.length} disagreements, ${minutes} minutes`,
)
say(JSON.stringify(tally.ends))
if (values.only === undefined)
  await writeFile(
    new URL('../docs/forecast.md', import.meta.url),
    forecastPage({ ...tally, seed: first, date: new Date() }),
  )
process.exitCode = tally.disagreements.length === 0 ? 0 : 1
