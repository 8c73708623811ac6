// Lets every client here pull every shape of test/clients/shapes, compares them with regguard, and writes docs/clients.md.
//
//   npm run differential [-- --seed 1] [--only TEXT]
//
// Clients that Debian does not have are built by .ci/run. With --only, just the shapes whose name contains the text are judged, and
// their judgements are printed instead of written. Exits with 1 where regguard and the clients differ without an explanation in
// test/clients/known.ts.
import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { disagreements } from '../test/clients/disagreements.ts'
import type { Judgement } from '../test/clients/judge.ts'
import { explanationOf, explanations } from '../test/clients/known.ts'
import { type Laboratory, startLaboratory } from '../test/clients/laboratory.ts'
import { corpus } from '../test/clients/shapes/corpus.ts'
import { reported } from '../test/clients/shapes/reported.ts'
import { type Shape, shapeOf } from '../test/clients/shapes/shape.ts'
import { findGoProgram } from '../test/support/go-programs.ts'
import { clientsPage } from './differential/page.ts'

const { values } = parseArgs({
  options: { seed: { type: 'string', default: '1' }, only: { type: 'string' } },
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

const first = await withLaboratory({}, async (laboratory) => ({
  clients: laboratory.clients.map(({ id, name, version }) => ({ id, name, version })),
  missing: laboratory.missing,
  reported: await byTopic(laboratory),
  generated: await laboratory.judgeAll(generated, progress(generated.length)),
}))
const second = registry3 && (await withLaboratory({ program: registry3 }, byTopic))

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
  const page = clientsPage({ ...first, seed, date: new Date(), ...(second && { onRegistry3: second }) })
  await writeFile(new URL('../docs/clients.md', import.meta.url), page)
  say('docs/clients.md is written')
}
if (unexplained.length > 0) process.exitCode = 1

async function withLaboratory<T>(
  options: { program?: string },
  work: (laboratory: Laboratory) => Promise<T>,
): Promise<T> {
  const laboratory = await startLaboratory(options)
  try {
    return await work(laboratory)
  } finally {
    await laboratory.stop()
  }
}

async function byTopic(laboratory: Laboratory): Promise<{ topic: string; judgements: Judgement[] }[]> {
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
