import type { Fault } from '../../core/finding.ts'
import { seenIn } from '../../core/observed.ts'
import type { Remedy } from '../../core/remedy.ts'
import { applicableRemedies, remedyContextOf, remedyOrder, remedyText } from '../../explain/remedies.ts'
import { gapIn } from '../../facts/queries/runner/partly-read.ts'
import { type RunnerArea, runnerAreas } from '../../facts/runner.ts'
import type { RunnerView } from '../../facts/view.ts'
import { runnerCheck } from '../runner-check.ts'

type View = RunnerView<
  | 'vantage'
  | 'networks'
  | 'churn'
  | 'links'
  | 'rules'
  | 'routes'
  | 'ports'
  | 'kernel'
  | 'conntrack'
  | 'pressure'
>

export default runnerCheck({
  id: 'not-observable',
  title: 'every area of the runner was inspected',
  fault:
    'Not inspected: some areas of the runner cannot be observed from here, so nothing is known about them, good or bad.',
  severity: 'note',
  advice: 'See docs/vantage.md for the areas that each kind of run can inspect.',
  reads: ['runner.vantage'],
  consults: [
    'runner.networks',
    'runner.churn',
    'runner.links',
    'runner.rules',
    'runner.routes',
    'runner.ports',
    'runner.kernel',
    'runner.conntrack',
    'runner.pressure',
  ],
  run: (runner) => {
    const missing = runnerAreas.flatMap((area) => {
      const gap = gapIn(runner, area)
      if (gap) return [{ area, ...gap }]
      const found = runner[area]
      const beside = found.seen && area === 'rules' ? besideRules(runner) : undefined
      if (beside !== undefined) return [{ area, why: beside, remedies: [] }]
      return found.seen || !found.applies ? [] : [{ area, why: found.why, remedies: found.remedies }]
    })
    return missing.length > 0 ? [faultOf(missing, runner)] : []
  },
})

/** Rules that no vantage shows, and that the packets of containers meet where their bridge forwards them. */
function besideRules(runner: View): string | undefined {
  const { ebtables = [] } = seenIn(runner.rules) ?? {}
  return ebtables.length > 0
    ? `rules of ebtables-legacy are not read, which has ${ebtables.length === 1 ? 'the table' : 'the tables'} ${ebtables.join(', ')}: what they drop at bridges is not seen`
    : undefined
}

/** An area that was not inspected. */
interface MissingArea {
  area: RunnerArea
  why: string
  remedies: Remedy[]
}

function faultOf(missing: MissingArea[], runner: View): Fault {
  const context = remedyContextOf(runner.vantage)
  const groups = fewestRemedies(
    missing.map((one) => ({ ...one, remedies: applicableRemedies(one.remedies, context) })),
  )
  const [best] = groups
  return {
    subject: missing.map(({ area }) => `runner.${area}`).join(', '),
    message: reasons(missing),
    evidence: groups.map(
      ({ remedy, areas }) =>
        `${areas.map((area) => `runner.${area}`).join(', ')}: ${remedyText(remedy, context)}`,
    ),
    ...(best ? { advice: remedyText(best.remedy, context) } : {}),
  }
}

/** The first few reasons, each once. */
const reasons = (missing: MissingArea[]): string =>
  [...new Set(missing.map(({ why }) => why))].slice(0, 4).join('; ')

/** The fewest remedies that cover all areas: first the one that covers most, then the one that covers most of the rest. */
function fewestRemedies(missing: MissingArea[]): { remedy: Remedy; areas: RunnerArea[] }[] {
  const groups: { remedy: Remedy; areas: RunnerArea[] }[] = []
  let left = missing
  while (left.length > 0) {
    const options = remedyOrder.map((remedy) => ({
      remedy,
      covered: left.filter(({ remedies }) => remedies.includes(remedy)),
    }))
    const best = options.reduce((one, other) => (other.covered.length > one.covered.length ? other : one))
    if (best.covered.length === 0) break
    groups.push({ remedy: best.remedy, areas: best.covered.map(({ area }) => area) })
    left = left.filter((one) => !best.covered.includes(one))
  }
  return groups
}
