import type { Group } from '../../core/groups.ts'
import { count } from '../../core/units.ts'
import type { Report } from '../../report/schema.ts'
import { clean } from './clean.ts'
import { type Block, imageBlocks } from './images.ts'
import { mark, paint } from './paint.ts'
import { hostLines } from './path.ts'
import { runnerLines } from './runner.ts'

const block = (title: string): Block => ({ title, lines: [] })

/** What each group prints of a run, before the causes. */
const blocks = {
  image: imageBlocks,
  registry: ({ catalog }) =>
    catalog
      ? [
          block(
            `${mark('pass')} ${paint.bold('catalog')} ${clean(catalog.registry)} lists ${count(catalog.repositories, 'repository', 'repositories')}`,
          ),
        ]
      : [],
  path: (report) => {
    const { status = 'off' } = report.groups.find(({ group }) => group === 'path') ?? {}
    return hostLines(report).map((text) => block(`${mark(status)} ${paint.bold('path')}    ${text}`))
  },
  runner: (report) => {
    const [title, ...lines] = runnerLines(report)
    return title === undefined ? [] : [{ title, lines }]
  },
} satisfies Record<Group, (report: Report) => Block[]>

/** What the groups that were asked for print, in their order. */
export const groupBlocks = (report: Report): Block[] =>
  report.groups.filter(({ status }) => status !== 'off').flatMap(({ group }) => blocks[group](report))
