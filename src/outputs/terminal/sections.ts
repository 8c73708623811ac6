import type { Group } from '../../core/groups.ts'
import { count } from '../../core/units.ts'
import type { Report } from '../../report/schema.ts'
import { clean } from './clean.ts'
import { clusterBlocks } from './cluster.ts'
import { coverageLines } from './coverage.ts'
import { type Block, imageBlocks } from './images.ts'
import { mark, paint } from './paint.ts'
import { pathBlocks } from './path.ts'
import { runnerLines } from './runner.ts'
import { storageBlocks } from './storage.ts'

const block = (title: string): Block => ({ title, lines: [] })

const catalogBlocks = ({ catalog }: Report): Block[] =>
  catalog
    ? [
        block(
          `${mark('pass')} ${paint.bold('catalog')} ${clean(catalog.registry)} lists ${count(catalog.repositories, 'repository', 'repositories')}`,
        ),
      ]
    : []

/** So many repositories are listed; all of them are in the JSON report. */
const maxPushLines = 8

/** What the token of each repository grants, where the right to push was requested. */
function pushBlocks({ push = [] }: Report): Block[] {
  const more = push.length - maxPushLines
  return [
    ...push.slice(0, maxPushLines).map(({ repository, state, scope, why }) => {
      const status = state === 'granted' ? 'pass' : state === 'refused' ? 'fail' : 'unknown'
      const text = why === undefined ? `the token grants ${clean(scope ?? '')}` : `unknown: ${clean(why)}`
      return block(`${mark(status)} ${paint.bold('push')}    ${clean(repository)} · ${text}`)
    }),
    ...(more > 0 ? [block(`          and ${count(more, 'more repository', 'more repositories')}`)] : []),
  ]
}

/** Where no other group says how the registry stands, it has a line of its own. */
const registryBlocks = ({ groups, hosts, coverage }: Report): Block[] => {
  if (coverage && hosts.length === 0) return []
  const { status = 'off', why } = groups.find(({ group }) => group === 'registry') ?? {}
  const names = hosts.filter(({ roles }) => roles.includes('registry')).map(({ host }) => clean(host))
  const outcome = why === undefined ? (status === 'pass' ? 'no problems' : '') : clean(why)
  return [
    block(
      `${mark(status)} ${paint.bold('registry')} ${[names.join(', '), outcome].filter(Boolean).join(' · ')}`,
    ),
  ]
}

const isAlone = ({ groups }: Report, wanted: Group): boolean =>
  groups.every(({ group, status }) => (group === wanted) === (status !== 'off'))

/** What each group prints of a run, before the causes. */
const blocks = {
  image: imageBlocks,
  registry: (report) => [
    ...catalogBlocks(report),
    ...pushBlocks(report),
    ...coverageLines(report).map((line) => block(line)),
    ...(isAlone(report, 'registry') ? registryBlocks(report) : []),
  ],
  path: pathBlocks,
  runner: (report) => {
    const [title, ...lines] = runnerLines(report)
    return title === undefined ? [] : [{ title, lines }]
  },
  storage: storageBlocks,
  cluster: clusterBlocks,
} satisfies Record<Group, (report: Report) => Block[]>

/** What the groups that were asked for print, in their order. */
export const groupBlocks = (report: Report): Block[] =>
  report.groups.filter(({ status }) => status !== 'off').flatMap(({ group }) => blocks[group](report))
