// Lets every client here pull every shape of test/clients/shapes, compares them with regguard, and writes docs/clients.md.
//
//   npm run differential [-- --seed 1] [--only TEXT] [--again]
//
// Clients that Debian does not have are built by .ci/run. With TMPDIR on a tmpfs it takes a quarter of an hour. With --only, just the
// shapes whose name contains the text are judged, and their judgements are printed instead of written. With --again, the clients do
// not pull: what they made of the shapes is taken from the last whole run (coverage/pulls.json), and only regguard runs. Exits with 1
// where regguard and the clients differ without an explanation in test/clients/known.ts.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { disagreements } from '../test/clients/disagreements.ts'
import type { Judgement } from '../test/clients/judge.ts'
import { explanationOf, explanations } from '../test/clients/known.ts'
import {
  type Laboratory,
  type LaboratoryOptions,
  type Recorded,
  startLaboratory,
} from '../test/clients/laboratory.ts'
import { corpus } from '../test/clients/shapes/corpus.ts'
import { reported } from '../test/clients/shapes/reported.ts'
import { type Shape, shapeOf } from '../test/clients/shapes/shape.ts'
import { findGoProgram } from '../test/support/go-programs.ts'
import { clientsPage, type Topic } from './differential/page.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    again: { type: 'boolean', default: false },
  },
})
const seed = Number(values.seed)
const say = (line: string) => void process.stdout.write(`${line}\n`)
const wanted = ({ id }: Shape) => values.only === undefined || id.includes(values.only)

const registry3 = findGoProgram('registry', / v3/)
const rows = Object.entries(reported).map(([topic, axes]) => ({
  topic,
  shapes: axes.map(shapeOf).filter(wanted),
}))
const generated = corpus(seed).filter(wanted)

const file = new URL('../coverage/pulls.json', import.meta.url)
const recorded: Recorded[] = values.again ? JSON.parse(await readFile(file, 'utf8')) : []

const first = await withLaboratory({ ...(recorded[0] && { recorded: recorded[0] }) }, async (laboratory) => ({
  ...versionsOf(laboratory),
  reported: await byTopic(laboratory),
  generated: await laboratory.judgeAll(generated, progress(generated.length)),
}))
const second =
  registry3 &&
  (await withLaboratory(
    { program: registry3, ...(recorded[1] && { recorded: recorded[1] }) },
    async (laboratory) => ({ ...versionsOf(laboratory), reported: await byTopic(laboratory) }),
  ))

const judged = [...first.reported.flatMap(({ judgements }) => judgements), ...first.generated]
const unexplained = judged.flatMap((judgement) =>
  disagreements(judgement)
    .filter((each) => explanationOf(judgement.shape.axes, each) === undefined)
    .map((each) => `${judgement.shape.id}: ${each.rule}: ${each.text}`),
)
for (const line of new Set(unexplained)) say(line)
if (values.only === undefined) {
  const used = judged.flatMap((judgement) =>
    disagreements(judgement).map((each) => explanationOf(judgement.shape.axes, each)),
  )
  for (const why of explanations.filter((each) => !used.includes(each))) say(`nothing needs: ${why}`)
  const page = clientsPage({
    ...first,
    seed,
    date: new Date(),
    ...(second && { onRegistry3: second.reported }),
  })
  await writeFile(new URL('../docs/clients.md', import.meta.url), page)
  say('docs/clients.md is written')
  if (!values.again) {
    await mkdir(new URL('.', file), { recursive: true })
    await writeFile(file, JSON.stringify([first, ...(second ? [second] : [])].map(recordOf)))
  }
}
if (unexplained.length > 0) process.exitCode = 1

function versionsOf({ clients, missing }: Laboratory): Omit<Recorded, 'pulls'> {
  return { clients: clients.map(({ id, name, version }) => ({ id, name, version })), missing }
}

type Run = Omit<Recorded, 'pulls'> & { reported: Topic[]; generated?: Judgement[] }

function recordOf({ clients, missing, reported: topics, generated: more = [] }: Run): Recorded {
  const all = [...topics.flatMap(({ judgements }) => judgements), ...more]
  return { clients, missing, pulls: Object.fromEntries(all.map(({ shape, pulls }) => [shape.id, pulls])) }
}

async function withLaboratory<T>(
  options: LaboratoryOptions,
  work: (laboratory: Laboratory) => Promise<T>,
): Promise<T> {
  const laboratory = await startLaboratory(options)
  try {
    return await work(laboratory)
  } finally {
    await laboratory.stop()
  }
}

async function byTopic(laboratory: Laboratory): Promise<Topic[]> {
  const all = await laboratory.judgeAll(rows.flatMap(({ shapes }) => shapes))
  return rows.map(({ topic, shapes }) => ({ topic, judgements: all.splice(0, shapes.length) }))
}

function progress(total: number): (judgement: Judgement) => void {
  let count = 0
  return ({ shape, pulls, causes }) => {
    count += 1
    const refusing = Object.entries(pulls).flatMap(([id, { ok }]) => (ok ? [] : [id]))
    const found = causes.map(({ severity, id }) => `${severity} ${id}`)
    say(
      `${count}/${total} ${shape.id}: ${refusing.join(' ') || 'all pull'} | ${found.join(', ') || 'nothing'}`,
    )
  }
}
