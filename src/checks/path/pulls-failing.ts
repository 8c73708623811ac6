import { type Failure, failureInfo } from '../../core/failure.ts'
import type { Fault } from '../../core/finding.ts'
import { durationText } from '../../core/units.ts'
import type { RoundFact } from '../../facts/path/round.ts'
import { failedRounds } from '../../facts/queries/path/rounds.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'pulls-failing',
  group: 'path',
  title: 'every repeated pull succeeds',
  fault: 'Pulls fail now and then: the same image is pulled whole at one time and not at another.',
  severity: 'error',
  advice: 'Fix what failed most often in the list; do not add retries, which hide how often it fails.',
  reads: ['path.rounds'],
  run: ({ path: { rounds = [] } }) => {
    const failed = failedRounds(rounds)
    const troubled = rounds.filter(({ failures }) => failures.some(counts))
    if (failed.length === 0 && troubled.length === 0) return []
    return [
      {
        subject: 'pulls',
        message: messageOf(rounds, failed, troubled),
        evidence: [...requestLines(rounds), timesLine(rounds)],
        ...(failed.length === 0 ? onlyRetried : failed.length === rounds.length ? alwaysFailing : {}),
      },
    ]
  },
})

const onlyRetried: Partial<Fault> = {
  severity: 'warning',
  title: 'Pulls succeed only by retries: requests of the same pull fail now and then.',
}

/** The failures of the first pull are findings of their own. */
const alwaysFailing: Partial<Fault> = {
  severity: 'note',
  title: 'Every repeated pull fails.',
  advice: 'See the other findings for the reason.',
}

/** The end of the run is not a failure, and a 404 is an answer. */
const counts = ({ kind }: Failure): boolean =>
  kind !== 'run-stopped' && failureInfo(kind).refusal === undefined

function messageOf(rounds: RoundFact[], failed: RoundFact[], troubled: RoundFact[]): string {
  const pulls = `${failed.length} of ${rounds.length} pulls failed`
  return troubled.length === 0 ? pulls : `${pulls}; requests failed in ${troubled.length} of ${rounds.length}`
}

/** The failures by host, address and phase, the most frequent first: how many, and in how many of the pulls. */
function requestLines(rounds: RoundFact[]): string[] {
  const all = rounds.flatMap(({ failures }, round) =>
    failures
      .filter(counts)
      .map((why) => ({ why, round, place: [why.host, ...(why.addresses ?? [])].join(' ') })),
  )
  const groups = [...Map.groupBy(all, ({ why, place }) => `${place} ${why.phase} ${why.kind}`).values()]
  return groups
    .toSorted((a, b) => b.length - a.length)
    .slice(0, 8)
    .flatMap((same) => {
      const [first] = same
      if (!first) return []
      const pulls = new Set(same.map(({ round }) => round)).size
      return `${first.place}, ${first.why.phase}: ${first.why.detail} (${same.length} times, in ${pulls} of ${rounds.length} pulls)`
    })
}

function timesLine(rounds: RoundFact[]): string {
  const times = rounds.map(({ ms }) => ms).toSorted((a, b) => a - b)
  const rank = (part: number) => durationText(times[Math.ceil(times.length * part) - 1] ?? 0)
  return `a pull took ${rank(0.5)} in the median, ${rank(0.95)} at the 95th percentile`
}
