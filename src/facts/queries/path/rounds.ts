import type { Facts } from '../../facts.ts'
import type { RoundFact } from '../../path/round.ts'
import type { PathFact } from '../../path.ts'
import { failuresIn } from '../image/failures.ts'

const maxFailures = 100

/** What one verification of the images found, from its facts and its requests. `at` and `ms`: when it began, and how long it took. */
export function roundOf(
  { image, registry }: Pick<Facts, 'image' | 'registry'>,
  { log, requests }: PathFact,
  at: number,
  ms: number,
): RoundFact {
  return {
    at,
    ms,
    unobserved: failuresIn({ image, registry }).length,
    faulty: faultyObjects(image),
    requests,
    failures: log.flatMap(({ failure }) => failure ?? []).slice(0, maxFailures),
  }
}

/** The verifications that failed: something was not observed, or was faulty that another one found well. */
export function failedRounds(rounds: readonly RoundFact[]): RoundFact[] {
  const always = Math.min(...rounds.map(({ faulty }) => faulty))
  return rounds.filter(({ unobserved, faulty }) => unobserved > 0 || faulty > always)
}

function faultyObjects({ targets, repositories }: Facts['image']): number {
  const states = [
    ...targets.map(({ first }) => first),
    ...repositories.flatMap(({ manifests, blobs }) =>
      [...manifests, ...blobs].map(({ observed }) => observed),
    ),
  ].flatMap((observed) => (observed.seen ? [observed.value.state] : []))
  return states.filter((state) => !['found', 'read', 'proven'].includes(state)).length
}
