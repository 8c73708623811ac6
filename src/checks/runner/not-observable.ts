import type { Fault, Need, RunnerFact } from '../../core/model.ts'
import { needOrder, needPlaceOf, needText } from '../../explain/remedies.ts'
import { type RunnerAspect, runnerAspects } from '../../facts/runner.ts'
import { runnerCheck } from '../runner-check.ts'

export default runnerCheck({
  id: 'not-observable',
  title: 'everything that is known to go wrong on a runner could be looked at',
  fault: 'Some of the runner could not be looked at from here: nothing is said of it, neither good nor bad.',
  severity: 'note',
  advice: 'See docs/vantage.md for what each kind of run can see.',
  run: (runner) => {
    const missed = runnerAspects.flatMap((aspect) => {
      const look = runner[aspect]
      return look.seen || !look.applies ? [] : [{ aspect, why: look.why, needs: look.needs }]
    })
    return missed.length > 0 ? [faultOf(missed, runner)] : []
  },
})

interface Missed {
  aspect: RunnerAspect
  why: string
  needs: Need[]
}

function faultOf(missed: Missed[], runner: RunnerFact): Fault {
  const groups = grouped(missed)
  const place = needPlaceOf(runner.vantage)
  const [best] = groups
  return {
    subject: missed.map(({ aspect }) => `runner.${aspect}`).join(', '),
    message: reasons(missed),
    evidence: groups.map(
      ({ need, shows }) =>
        `${shows.map((aspect) => `runner.${aspect}`).join(', ')}: ${needText(need, place)}`,
    ),
    ...(best ? { advice: needText(best.need, place) } : {}),
  }
}

/** Each reason once. */
const reasons = (missed: Missed[]): string =>
  [...new Set(missed.map(({ why }) => why))].slice(0, 4).join('; ')

/** As few changes as show everything: the one that shows most first, then the one that shows most of the rest. */
function grouped(missed: Missed[]): { need: Need; shows: RunnerAspect[] }[] {
  const groups: { need: Need; shows: RunnerAspect[] }[] = []
  let left = missed
  while (left.length > 0) {
    const options = needOrder.map((need) => ({
      need,
      shown: left.filter(({ needs }) => needs.includes(need)),
    }))
    const best = options.reduce((one, other) => (other.shown.length > one.shown.length ? other : one))
    if (best.shown.length === 0) break
    groups.push({ need: best.need, shows: best.shown.map(({ aspect }) => aspect) })
    left = left.filter((one) => !best.shown.includes(one))
  }
  return groups
}
