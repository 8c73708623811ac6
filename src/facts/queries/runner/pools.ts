import type { Fault } from '../../../core/finding.ts'
import { seenIn } from '../../../core/observed.ts'
import { count } from '../../../core/units.ts'
import type { EngineFact, NetworkFact } from '../../runner.ts'
import type { RunnerView } from '../../view.ts'
import { overlaps, type Range, rangeOf } from './ranges.ts'

/** What the use of address pools is counted from. */
export type PoolView = RunnerView<'engine' | 'networks' | 'routes'>

/** How much of the ranges that Docker takes new networks from is in use. */
export interface PoolUse {
  used: number
  available: number
  /** Networks of CI with no container. */
  idle: NetworkFact[]
}

/**
 * Counts networks of the pools' sizes that are taken, by networks of the engine or by routes of the host: Docker passes
 * over what is on link already. Undefined where the engine does not tell its pools, or they cannot be read.
 */
export function poolUse({ engine, networks, routes }: PoolView): PoolUse | undefined {
  const told = seenIn(engine)
  const known = seenIn(networks)
  if (told?.flavour !== 'docker' || !known) return undefined
  const pools = told.pools.map(lotsOf)
  if (pools.length === 0 || !pools.every((pool) => pool !== undefined)) return undefined
  const onLink = (seenIn(routes)?.routes ?? []).filter(({ gateway }) => gateway === undefined)
  const taken = [...known.flatMap(({ subnets }) => subnets), ...onLink.map(({ destination }) => destination)]
    .map(rangeOf)
    .filter((range) => range !== undefined)
  return {
    used: pools.reduce((sum, pool) => sum + lotsTaken(pool, taken), 0),
    available: pools.reduce((sum, { lots }) => sum + lots, 0),
    idle: known.filter(({ owner, endpoints }) => isCi(owner) && endpoints === 0),
  }
}

/** A pool, cut into lots of one network each. */
interface Pool {
  range: Range
  size: number
  lots: number
}

function lotsOf({ base, size }: EngineFact['pools'][number]): Pool | undefined {
  const range = rangeOf(base)
  if (!range || size < 1 || size > 32) return undefined
  const lot = 2 ** (32 - size)
  const lots = (range.last - range.first + 1) / lot
  return Number.isInteger(lots) ? { range, size: lot, lots } : undefined
}

/** Counts by the borders of what is taken: a pool may have a million lots. */
function lotsTaken({ range, size }: Pool, taken: Range[]): number {
  const spans = taken
    .filter((one) => overlaps(one, range))
    .map(({ first, last }) => ({
      from: Math.floor((Math.max(first, range.first) - range.first) / size),
      to: Math.floor((Math.min(last, range.last) - range.first) / size),
    }))
    .toSorted((a, b) => a.from - b.from)
  let counted = 0
  let next = 0
  for (const { from, to } of spans) {
    counted += Math.max(0, to - Math.max(from, next) + 1)
    next = Math.max(next, to + 1)
  }
  return counted
}

const ci = ['woodpecker', 'forgejo', 'gitea', 'act'] as const

/** Whether a network was made for a CI job. */
export const isCi = (owner: NetworkFact['owner']): boolean => ci.some((one) => one === owner)

/** Parts of the pools in use, from which on it is told. */
export const low = 0.6
export const exhausted = 0.9

/** A fault where the used part of the pools is in this span. */
export function poolFault(runner: PoolView, from: number, below: number): Fault[] {
  const use = poolUse(runner)
  if (!use) return []
  const part = use.used / use.available
  if (part < from || part >= below) return []
  return [
    {
      subject: 'address pools of Docker',
      message: `${use.used} of ${count(use.available, 'network')} taken, ${use.available - use.used} left`,
      evidence: use.idle.slice(0, 8).map(({ name, subnets }) => `no container: ${name} ${subnets.join(' ')}`),
    },
  ]
}
