import type { NameFact, NamesFact, ResolverAnswer } from '../../path/names.ts'
import { isInternal } from './disagreements.ts'
import { answerLine } from './name-text.ts'
import { addressesIn, answerOf, verdictOf } from './resolver-state.ts'

/** Whether two lists have the same servers, in any order. */
export const sameServers = (a: readonly string[], b: readonly string[]): boolean =>
  a.every((server) => b.includes(server)) && b.every((server) => a.includes(server))

/** The answers of two lists of servers for each name about which they disagree, as lines. */
export const differencesBetween = (
  a: readonly string[],
  b: readonly string[],
  { names }: NamesFact,
): string[] =>
  names
    .filter(({ pins }) => pins.length === 0)
    .flatMap((name) => {
      const [one, other] = [firstAnswer(name, a), firstAnswer(name, b)]
      return one && other && viewOf(one) !== viewOf(other)
        ? [answerLine(name.name, one), answerLine(name.name, other)]
        : []
    })

const firstAnswer = (name: NameFact, servers: readonly string[]): ResolverAnswer | undefined =>
  servers
    .flatMap((server) => answerOf(name, server) ?? [])
    .find((answer) => ['found', 'unknown'].includes(verdictOf(answer)))

/** Different public addresses are the same view: large services answer each server with addresses near it. */
function viewOf(answer: ResolverAnswer): string {
  const internal = addressesIn(answer).filter(isInternal)
  return internal.length > 0 ? internal.toSorted().join() : verdictOf(answer)
}
