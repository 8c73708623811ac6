import { checks } from '../../src/checks/index.ts'
import { judgedSettings, runChecks } from '../../src/checks/run.ts'
import type { Crash } from '../../src/core/finding.ts'
import { explain } from '../../src/explain/causes.ts'
import { joinPulls } from '../../src/explain/join-pulls.ts'
import { buildReport, type Outcome } from '../../src/report/build.ts'
import type { Report } from '../../src/report/schema.ts'
import { type Change, type Given, healthyFacts, settingsWith } from '../support/facts.ts'

/** What may differ from the usual run. */
export type Run = {
  given?: Given
  ci?: Outcome['ci']
  stopped?: Outcome['stopped']
  durationMs?: number
  crashes?: Crash[]
  docsUrl?: string
}

/** The report of healthy facts with one thing changed, made by the real checks, at a fixed time. */
export function reportOf(change: Change = () => {}, run: Run = {}): Report {
  const facts = healthyFacts()
  change(facts)
  const settings = judgedSettings(settingsWith(run.given), facts)
  facts.image.depth = settings.depth
  const { results, crashes } = runChecks(checks, facts, settings)
  const startedAt = facts.path.at - 1000
  return buildReport({
    version: '0.0.0-test',
    ci: run.ci ?? { platform: 'plain' },
    settings,
    facts,
    results,
    crashes: [...crashes, ...(run.crashes ?? [])],
    causes: joinPulls(explain(results, checks), facts),
    startedAt,
    endedAt: startedAt + (run.durationMs ?? 400),
    docsUrl: run.docsUrl,
    ...(run.stopped ? { stopped: run.stopped } : {}),
  })
}

/** How the groups of a report stand: `image pass, registry pass, path pass`. */
export const standing = ({ groups }: Report): string =>
  groups.map(({ group, status }) => `${group} ${status}`).join(', ')
