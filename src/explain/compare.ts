import type { LegFact } from '../facts/path/leg.ts'
import type { MachineFact } from '../facts/path/machine.ts'
import { isUnused, legFailures, legState } from '../facts/queries/path/legs.ts'
import { type AddressClass, addressClass } from '../net/address-class.ts'
import { type Relation, relationsOf } from './compare-places.ts'

/** What one run saw of the network path. */
export interface View {
  /** The setting `vantage` of the run, or the name of its report. */
  vantage: string
  legs: readonly LegFact[]
  /** Its way out, where the report has it. */
  machine?: MachineFact | undefined
  /** When the run ended, in milliseconds since the epoch. */
  at: number
}

/** Where a leg fails. `unclear`: it fails, and only one run probed it. `unknown`: no run has an outcome. */
export type Where =
  | { where: 'nowhere' | 'everywhere' | 'unclear' | 'unknown' }
  | { where: 'some'; vantages: string[] }
  /** At these public addresses, while another address of the same host answers. */
  | { where: 'public-address'; addresses: string[]; answering: string[]; vantages: string[] }

/** One leg, as each run saw it, in the order of the runs; undefined where a run did not probe it. */
export interface ComparedLeg {
  step: LegFact['step']
  url: string
  seen: (LegFact | undefined)[]
  verdict: Where
  /** How the places from which it fails lie to others. */
  relations: Relation[]
}

/** Compares what several runs saw, leg by leg, in the order in which the legs first occur. */
export function compareViews(views: readonly View[]): ComparedLeg[] {
  const keys = new Set(views.flatMap(({ legs }) => legs.map(keyOf)))
  return [...keys].flatMap((key) => {
    const seen = views.map(({ legs }) => legs.find((leg) => keyOf(leg) === key))
    const first = seen.find((leg) => leg !== undefined)
    if (!first) return []
    const { step, url } = first
    const verdict = whereOf(seen, views)
    return { step, url, seen, verdict, relations: relationsOf(verdict, seen, views) }
  })
}

const keyOf = ({ step, url }: LegFact): string => `${step} ${url}`

function whereOf(seen: ComparedLeg['seen'], views: readonly View[]): Where {
  const isProbed = (leg: LegFact | undefined): leg is LegFact =>
    leg !== undefined && !['unfinished', 'proxied'].includes(legState(leg))
  const probed = seen.filter(isProbed)
  if (probed.length === 0) return { where: 'unknown' }
  const vantages = views.flatMap(({ vantage }, at) => {
    const leg = seen[at]
    return isProbed(leg) && legFailures(leg).length > 0 ? [vantage] : []
  })
  if (vantages.length === 0) return { where: 'nowhere' }
  const byAddress = publicAddresses(probed)
  if (byAddress) return { where: 'public-address', ...byAddress, vantages }
  if (probed.length < 2) return { where: 'unclear' }
  return vantages.length === probed.length ? { where: 'everywhere' } : { where: 'some', vantages }
}

/** The addresses that fail, if all of them are public and an internal address of the same host answers each time. */
function publicAddresses(legs: readonly LegFact[]): { addresses: string[]; answering: string[] } | undefined {
  const all = legs.flatMap((leg) =>
    leg.addresses.flatMap((one) => {
      const state = isUnused(leg, one) ? 'unused' : legState({ ...leg, lookups: [], addresses: [one] })
      return [{ address: one.address, state }]
    }),
  )
  const addresses = distinct(all.filter(({ state }) => state === 'fails' || state === 'sometimes'))
  const answering = distinct(all.filter(({ state }) => state === 'works')).filter(
    (address) => !addresses.includes(address),
  )
  const isSplit =
    addresses.length > 0 &&
    addresses.every((address) => !internal.has(addressClass(address))) &&
    answering.some((address) => internal.has(addressClass(address)))
  return isSplit ? { addresses, answering } : undefined
}

const internal: ReadonlySet<AddressClass> = new Set(['private', 'loopback', 'link-local'])

const distinct = (all: { address: string }[]): string[] => [...new Set(all.map(({ address }) => address))]
