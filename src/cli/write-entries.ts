import type { Core } from '../log/core.ts'
import { type Summary, summaryColumns } from '../outputs/markdown.ts'
import type { Entry } from '../outputs/terminal/entry.ts'

/** Writes the entries of a renderer in the form of the platform. */
export async function writeEntries(core: Core, entries: Entry[]): Promise<void> {
  for (const entry of entries) {
    if (entry.kind === 'text') core.info(entry.text)
    else if (entry.kind === 'debug') core.debug(entry.text)
    else if (entry.kind === 'annotation') core[entry.level](entry.text, { title: entry.title })
    else {
      await core.group(entry.title, async () => {
        for (const text of entry.lines) core.info(text)
      })
    }
  }
}

/** Writes the step summary, if the platform has one. */
export async function writeSummary(core: Core, { heading, rows, causes }: Summary): Promise<void> {
  const header = summaryColumns.map((data) => ({ data, header: true }))
  core.summary.addHeading(heading, 3).addTable([header, ...rows])
  if (causes.length > 0) core.summary.addList(causes)
  await core.summary.write()
}
