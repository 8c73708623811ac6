import { writeEntries, writeSummary } from '../../src/cli/write-entries.ts'
import type { CiPlatform } from '../../src/core/platform.ts'
import { createCore } from '../../src/log/core.ts'
import { createMask } from '../../src/log/mask.ts'
import { renderSummary } from '../../src/outputs/markdown.ts'
import { renderTerminal } from '../../src/outputs/terminal/index.ts'
import { hideIn } from '../../src/report/hide.ts'
import type { Report } from '../../src/report/schema.ts'

export const platforms: readonly CiPlatform[] = ['plain', 'woodpecker', 'forgejo', 'gitea', 'github']

/** What a run may want to hide or to colour. */
export type LineOptions = { secrets?: string[]; colour?: boolean }

/** A report as the log of a platform gets it, through the real logger, and its step summary. */
export async function rendered(
  report: Report,
  platform: CiPlatform,
  { secrets = [], colour = false }: LineOptions = {},
) {
  let log = ''
  let summary = ''
  const mask = createMask()
  const core = createCore({
    mask,
    platform,
    level: 'info',
    colour,
    env: { GITHUB_STEP_SUMMARY: '/summary' },
    write: (text) => {
      log += text
    },
    appendFile: (_path, text) => {
      summary += text
    },
  })
  for (const secret of secrets) core.setSecret(secret)
  log = ''
  const shown = hideIn(report, mask.apply)
  await writeEntries(core, renderTerminal({ ...shown, ci: { ...shown.ci, platform } }))
  await writeSummary(core, renderSummary(shown))
  return { log, summary, lines: log.split('\n').slice(0, -1) }
}
