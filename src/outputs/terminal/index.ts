import type { Report } from '../../report/schema.ts'
import type { Platform } from '../../settings/ci/ci.ts'
import type { Entry } from './entry.ts'
import { renderForgejo } from './forgejo.ts'
import { renderGithub } from './github.ts'
import { renderPlain } from './plain.ts'

/** The text renderer of each platform. */
export const renderers: Record<Platform, (report: Report) => Entry[]> = {
  plain: renderPlain,
  woodpecker: renderPlain,
  forgejo: renderForgejo,
  gitea: renderForgejo,
  github: renderGithub,
}
