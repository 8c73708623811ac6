import { disagreements } from '../../test/clients/disagreements.ts'
import type { Judgement } from '../../test/clients/judge.ts'
import { explanationOf } from '../../test/clients/known.ts'
import type { Axes } from '../../test/clients/shapes/shape.ts'
import { plainError } from './plain-error.ts'

type ClientVersion = { id: string; name: string; version: string }
/** The shapes of one kind of report. */
export type Topic = { topic: string; judgements: Judgement[] }

/** A whole run. */
export type Differential = {
  date: Date
  seed: number
  clients: ClientVersion[]
  missing: string[]
  reported: Topic[]
  generated: Judgement[]
  /** The reported shapes again, from a registry of version 3. */
  onRegistry3?: Topic[]
}

/** The text of docs/clients.md. */
export function clientsPage(run: Differential): string {
  const all = uniqueShapes([...run.reported.flatMap(({ judgements }) => judgements), ...run.generated])
  return `${[
    intro(run),
    versions(run),
    '## Reported shapes',
    'Each was reported in public, or is next to one that was.',
    ...run.reported.map((topic) => topicSection(topic, run.clients)),
    registries(run),
    '## The generated corpus',
    summary(run),
    ...axisSections(run),
    '## Where regguard differs',
    differences(all),
  ].join('\n\n')}\n`
}

const intro = ({ date, generated, seed }: Differential): string => `# Which images clients pull

regguard reports an error where a client fails. This page shows what the clients do: each of them pulled each image below from a
registry on the same machine, for linux/amd64, and regguard verified it at depth \`full\`. \`npm run differential\` writes this page;
${day(date)}, ${generated.length} generated shapes, seed ${seed}. A sample of them runs in CI (test/clients).

✓ pulled, with every layer unpacked where the client unpacks · ✗ refused; the client's own words follow each table, with … for what
varies. \`skopeo-dir\`, \`crane\` and \`regctl\` copy blobs as they are.`

function versions({ clients, missing }: Differential): string {
  const table = [
    '| Column | Client | Version |',
    '| --- | --- | --- |',
    ...clients.map(({ id, name, version }) => `| ${id} | ${name} | ${version} |`),
  ]
  const absent = missing.length > 0 ? `\n\nNot on this machine: ${missing.join(', ')}.` : ''
  return `## Versions\n\n${table.join('\n')}${absent}`
}

function topicSection({ topic, judgements }: Topic, clients: ClientVersion[]): string {
  const ids = clients.map(({ id }) => id)
  const table = [
    `| Shape | ${ids.join(' | ')} | regguard |`,
    `| --- |${' --- |'.repeat(ids.length + 1)}`,
    ...judgements.map(({ shape, pulls, causes }) =>
      row([shape.id, ...ids.map((id) => (pulls[id]?.ok ? '✓' : '✗')), found(causes)]),
    ),
  ]
  const texts = judgements.flatMap((judgement) => {
    const lines = refusalLines(judgement)
    return lines.length > 0 ? [`- ${cell(judgement.shape.id)}`, ...lines] : []
  })
  return [`### ${capital(topic)}`, table.join('\n'), texts.join('\n')].filter(Boolean).join('\n\n')
}

/** Clients with the same words share a line. */
function refusalLines({ pulls, refusal }: Judgement): string[] {
  const refusing = Object.entries(pulls).flatMap(([id, pull]) =>
    pull.ok ? [] : [{ id, error: plainError(pull.error) }],
  )
  return [
    ...(refusal === undefined
      ? []
      : [`  - the registry itself: ${code(plainError(refusal))}; so another serves it`]),
    ...[...Map.groupBy(refusing, ({ error }) => error)].map(
      ([error, all]) => `  - ${all.map(({ id }) => id).join(', ')}: ${code(error)}`,
    ),
  ]
}

/** Where the verdict of a client depends on the registry. */
function registries({ reported, onRegistry3 }: Differential): string {
  const title = '### From registry 3'
  if (!onRegistry3) return `${title}\n\nThere was no registry 3 on this machine.`
  const second = onRegistry3.flatMap(({ judgements }) => judgements)
  const lines = reported
    .flatMap(({ judgements }) => judgements)
    .flatMap((one) => {
      const other = second.find(({ shape }) => shape.id === one.shape.id)
      const changed = Object.keys(one.pulls).filter((id) => one.pulls[id]?.ok !== other?.pulls[id]?.ok)
      const takes = (one.refusal === undefined) !== (other?.refusal === undefined)
      if (changed.length === 0 && !takes) return []
      const accepts = one.refusal === undefined ? 'only registry 2 accepts it' : 'only registry 3 accepts it'
      const parts = [
        ...(takes ? [accepts] : []),
        ...(changed.length > 0 ? [`other verdict: ${changed.join(', ')}`] : []),
      ]
      return [`- ${cell(one.shape.id)}: ${parts.join('; ')}`]
    })
  return `${title}\n\n${lines.length === 0 ? 'The same for each shape and client.' : lines.join('\n')}`
}

function summary({ generated, clients }: Differential): string {
  const counts = clients.map(({ id }) => `${id} ${generated.filter(({ pulls }) => !pulls[id]?.ok).length}`)
  const byAll = generated.filter(({ pulls }) => Object.values(pulls).every(({ ok }) => ok)).length
  return `${generated.length} shapes: each value of an axis in an otherwise healthy image, layer types with all packings, damages of
each packing, and pairs of axes drawn by the seed. All clients pull ${byAll} of them. Refused by: ${counts.join(', ')}.

The tables count, for each value, the shapes that have it, how many of them each client refuses, and the worst severity of what
regguard reports of them.`
}

/** The axes that the corpus draws from. */
const axes: (keyof Axes)[] = [
  ...(['image', 'manifest', 'layers', 'layerType', 'packing', 'damage'] as const),
  ...(['archive', 'configType', 'config', 'index', 'served', 'pulled'] as const),
]

const axisTitles: Record<keyof Axes, string> = {
  image: 'Image',
  manifest: 'Fields of the manifest',
  layers: 'Layers',
  layerType: 'Media type of the layer',
  packing: 'Bytes of the layer',
  damage: 'Damage to these bytes',
  archive: 'The archive in the layer',
  configType: 'Media type of the configuration',
  config: 'Configuration',
  index: 'Index',
  served: 'Answers of the server',
  pulled: 'Reference',
}

function axisSections({ generated, clients }: Differential): string[] {
  return axes.map((axis) => {
    const values = Map.groupBy(
      generated.filter(({ shape }) => shape.axes[axis] !== undefined),
      ({ shape }) => shape.axes[axis] ?? '',
    )
    const lines = [...values].map(([value, all]) =>
      row([
        value === '' ? '(empty)' : value,
        `${all.length}`,
        ...clients.map(({ id }) => `${all.filter(({ pulls }) => !pulls[id]?.ok).length || ''}`),
        severities(all),
      ]),
    )
    return [
      `### ${axisTitles[axis]}`,
      [
        `| Value | Shapes | ${clients.map(({ id }) => id).join(' | ')} | regguard |`,
        `| --- |${' --- |'.repeat(clients.length + 2)}`,
        ...lines,
      ].join('\n'),
    ].join('\n\n')
  })
}

function severities(all: Judgement[]): string {
  const worst = all.map(({ causes }) =>
    (['error', 'warning', 'note'] as const).find((each) => causes.some(({ severity }) => severity === each)),
  )
  return [...Map.groupBy(worst, (each) => each ?? 'nothing')]
    .map(([severity, { length }]) => `${length} ${severity}`)
    .sort()
    .join(', ')
}

function differences(all: Judgement[]): string {
  const lines = all.flatMap((judgement) =>
    disagreements(judgement).map((each) => ({
      why: explanationOf(judgement.shape.axes, each) ?? 'Not explained',
      line: `- ${cell(judgement.shape.id)}: ${each.rule}; ${cell(plainError(each.text))}`,
    })),
  )
  if (lines.length === 0)
    return 'Nowhere: no image that all clients pull is an error, and none that Docker or containerd refuses passes silently.'
  return [...Map.groupBy(lines, ({ why }) => why)]
    .map(([why, group]) => [`### ${why}`, group.map(({ line }) => line).join('\n')].join('\n\n'))
    .join('\n\n')
}

const uniqueShapes = (all: Judgement[]): Judgement[] => [
  ...new Map(all.map((each) => [each.shape.id, each])).values(),
]
const found = (causes: Judgement['causes']): string =>
  causes.map(({ severity, id }) => `${severity} ${id}`).join(', ') || '—'
const row = (cells: string[]): string => `| ${cells.map(cell).join(' | ')} |`
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '&lt;')
const code = (text: string): string => `\`${text.replaceAll('`', "'")}\``
const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`
const day = (date: Date): string => date.toISOString().slice(0, 10)
