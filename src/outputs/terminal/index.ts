import type { CiPlatform } from '../../core/platform.ts'
import type { Report } from '../../report/schema.ts'
import { debugLines } from './debug.ts'
import type { Entry } from './entry.ts'
import { renderForgejo } from './forgejo.ts'
import { renderGithub } from './github.ts'
import { renderPlain } from './plain.ts'

/** The text output of each platform. */
export const terminals: Record<CiPlatform, (report: Report) => Entry[]> = {
  plain: renderPlain,
  woodpecker: renderPlain,
  forgejo: renderForgejo,
  gitea: renderForgejo,
  github: renderGithub,
}

/** What a run prints, for the log of its platform; the last entry is the verdict. */
export const renderTerminal = (report: Report): Entry[] => [
  ...debugLines(report).map((text) => ({ kind: 'debug', text }) as const),
  ...terminals[report.ci.platform](report),
]
