import { addressClass } from '../../../net/address-class.ts'
import type { NameFact, NamesFact, ResolverAnswer } from '../../path/names.ts'
import { addressesIn, answerOf, verdictOf } from './resolver-state.ts'

/**
 * How resolvers disagree about a name. `hidden`: the first that answers does not know it, so libc never asks the one that does;
 * `inside`: the first gives a public address and a later one an internal address, `outside`: the other way round; `several`: they
 * give different internal addresses; `fallback`: only later ones do not know it.
 */
export type DisagreementKind = 'hidden' | 'inside' | 'outside' | 'several' | 'fallback'

/** Resolvers of one layer that disagree about a name. */
export interface Disagreement {
  name: NameFact
  kind: DisagreementKind
  /** The answers of those that know it or say that there is no such name, in order. */
  answers: ResolverAnswer[]
}

const internalClasses = new Set(['loopback', 'unspecified', 'link-local', 'private', 'benchmarking'])

/** Whether only networks of one's own use this address. */
export const isInternal = (address: string): boolean => internalClasses.has(addressClass(address))

/**
 * The names about which resolvers of the same layer disagree. Different public addresses are no disagreement: large services
 * answer each resolver with servers near it.
 */
export function disagreementsIn({ names, resolvers }: NamesFact): Disagreement[] {
  // Files are compared with each other by checks of their own.
  const ofPrograms = resolvers.filter(({ layer }) => layer !== 'file')
  const layers = [...Map.groupBy(ofPrograms, ({ layer }) => layer).values()]
  return names.flatMap((name) =>
    layers.flatMap((layer) => {
      const answers = layer
        .flatMap(({ address }) => answerOf(name, address) ?? [])
        .filter((answer) => ['found', 'unknown'].includes(verdictOf(answer)))
      const kind = kindOf(answers)
      return kind ? [{ name, kind, answers }] : []
    }),
  )
}

function kindOf(answers: ResolverAnswer[]): DisagreementKind | undefined {
  const [first] = answers
  const found = answers.filter((answer) => verdictOf(answer) === 'found')
  if (!first || found.length === 0) return undefined
  if (verdictOf(first) === 'unknown') return 'hidden'
  const internal = found.map((answer) => addressesIn(answer).filter(isInternal))
  const isMixed = internal.some(({ length }) => length > 0) && internal.some(({ length }) => length === 0)
  if (isMixed) return internal[0]?.length === 0 ? 'inside' : 'outside'
  // A server that rotates many records gives some of them in each answer.
  const single = internal.map(([one, ...others]) => (others.length === 0 ? one : undefined))
  if (single.every((one) => one !== undefined) && new Set(single).size > 1) return 'several'
  return found.length < answers.length ? 'fallback' : undefined
}
