import type { Fault } from '../../core/finding.ts'
import type { Remedy } from '../../core/remedy.ts'
import { remedyContextOf, remedyOrder, remedyText } from '../../explain/remedies.ts'
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
  title: 'everything that is known to go wrong on a runner could be looked at',
  fault: 'Some of the runner could not be looked at from here: nothing is said of it, neither good nor bad.',
  severity: 'note',
  advice: 'See docs/vantage.md for what each kind of run can see.',
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
    const missed = runnerAreas.flatMap((area) => {
      const look = runner[area]
      return look.seen || !look.applies ? [] : [{ area, why: look.why, remedies: look.remedies }]
    })
    return missed.length > 0 ? [faultOf(missed, runner)] : []
  },
})

interface Missed {
  area: RunnerArea
  why: string
  remedies: Remedy[]
}

function faultOf(missed: Missed[], runner: View): Fault {
  const groups = grouped(missed)
  const place = remedyContextOf(runner.vantage)
  const [best] = groups
  return {
    subject: missed.map(({ area }) => `runner.${area}`).join(', '),
    message: reasons(missed),
    evidence: groups.map(
      ({ remedy, shows }) =>
        `${shows.map((area) => `runner.${area}`).join(', ')}: ${remedyText(remedy, place)}`,
    ),
    ...(best ? { advice: remedyText(best.remedy, place) } : {}),
  }
}

/** Each reason once. */
const reasons = (missed: Missed[]): string =>
  [...new Set(missed.map(({ why }) => why))].slice(0, 4).join('; ')

/** As few changes as show everything: the one that shows most first, then the one that shows most of the rest. */
function grouped(missed: Missed[]): { remedy: Remedy; shows: RunnerArea[] }[] {
  const groups: { remedy: Remedy; shows: RunnerArea[] }[] = []
  let left = missed
  while (left.length > 0) {
    const options = remedyOrder.map((remedy) => ({
      remedy,
      shown: left.filter(({ remedies }) => remedies.includes(remedy)),
    }))
    const best = options.reduce((one, other) => (other.shown.length > one.shown.length ? other : one))
    if (best.shown.length === 0) break
    groups.push({ remedy: best.remedy, shows: best.shown.map(({ area }) => area) })
    left = left.filter((one) => !best.shown.includes(one))
  }
  return groups
}
