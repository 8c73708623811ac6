import type { Report } from '../../report/schema.ts'
import type { Entry } from './entry.ts'
import { renderFolded } from './folded.ts'

/** Forgejo and Gitea Actions: folds, and no annotations, because Forgejo shows `::error::` as it is typed. */
export const renderForgejo = (report: Report): Entry[] => renderFolded(report, () => [])
