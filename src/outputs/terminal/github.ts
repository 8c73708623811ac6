import type { Report } from '../../report/schema.ts'
import { adviceAlone } from './causes.ts'
import { clean } from './clean.ts'
import type { Entry } from './entry.ts'
import { renderFolded } from './folded.ts'

/** GitHub Actions: folds, and an annotation for each cause, which GitHub shows on the run's page. */
export const renderGithub = (report: Report): Entry[] =>
  renderFolded(report, ({ severity, id, title, advice }) => [
    {
      kind: 'annotation',
      level: severity === 'note' ? 'notice' : severity,
      title: `regguard: ${id}`,
      text: `${clean(title)} ${adviceAlone(advice)}`,
    },
  ])
