import type { Fault } from '../../../core/finding.ts'
import { seenIn } from '../../../core/observed.ts'
import { count } from '../../../core/units.ts'
import { type Network, overlaps, parseIpv4Network } from '../../../net/ip.ts'
import type { EngineFact, NetworkFact } from '../../runner.ts'
import type { RunnerView } from '../../view.ts'
import { spanText } from './churn.ts'

/** The areas that show the use of Docker's address pools. */
export type PoolView = RunnerView<'engine' | 'networks' | 'routes'>

/** How many of the subnets that Docker can allocate to networks are in use. */
interface PoolUse {
  used: number
  available: number
  /** Networks that nothing uses, the oldest first. */
  idle: NetworkFact[]
  /** Routes of other programs, such as a VPN, that take subnets, the largest first. */
  foreign: { destination: string; device: string; subnets: number }[]
}

/**
 * Counts the IPv4 pools' subnets that a network of the engine or a directly connected route of the host takes: Docker skips those.
 * IPv6 pools do not count: a network gets an IPv4 subnet or cannot be created. Undefined where the engine reports no IPv4 pool.
 */
function poolUse({ engine, networks, routes }: PoolView): PoolUse | undefined {
  const docker = seenIn(engine)
  const existing = seenIn(networks)
  if (docker?.flavour !== 'docker' || !existing) return undefined
  const ipv4 = docker.pools.filter(({ base }) => !base.includes(':'))
  const pools = ipv4.map(poolOf)
  if (pools.length === 0 || !pools.every((pool) => pool !== undefined)) return undefined
  const onLink = (seenIn(routes)?.routes ?? []).filter(({ gateway }) => gateway === undefined)
  const taken = [
    ...existing.flatMap(({ subnets }) => subnets),
    ...onLink.map(({ destination }) => destination),
  ]
    .map(parseIpv4Network)
    .filter((range) => range !== undefined)
  const bridges = new Set(existing.map(({ bridge }) => bridge))
  return {
    foreign: onLink
      .filter(({ device, destination }) => !bridges.has(device) && destination !== 'default')
      .map((route) => {
        const range = [parseIpv4Network(route.destination)].filter((one) => one !== undefined)
        return { ...route, subnets: pools.reduce((sum, pool) => sum + subnetsTaken(pool, range), 0) }
      })
      .filter(({ subnets }) => subnets > 0)
      .toSorted((a, b) => b.subnets - a.subnets),
    used: pools.reduce((sum, pool) => sum + subnetsTaken(pool, taken), 0),
    available: pools.reduce((sum, { subnets }) => sum + subnets, 0),
    idle: existing.filter(isUnused).toSorted((a, b) => (a.createdAt ?? 0) - (b.createdAt ?? 0)),
  }
}

/** A pool, divided into subnets of equal size. */
interface Pool {
  range: Network
  /** Addresses in one subnet. */
  subnetSize: number
  subnets: number
}

function poolOf({ base, size }: EngineFact['pools'][number]): Pool | undefined {
  const range = parseIpv4Network(base)
  if (!range || size < 1 || size > 32) return undefined
  const subnetSize = 2 ** (32 - size)
  const subnets = Number(range.last - range.first + 1n) / subnetSize
  return Number.isInteger(subnets) ? { range, subnetSize, subnets } : undefined
}

/** Counts from the bounds of the taken ranges: a pool can have a million subnets. */
function subnetsTaken({ range, subnetSize }: Pool, taken: Network[]): number {
  const spans = taken
    .filter((one) => overlaps(one, range))
    .map(({ first, last }) => ({
      from: Math.floor(Math.max(0, Number(first - range.first)) / subnetSize),
      to: Math.floor(Number((last < range.last ? last : range.last) - range.first) / subnetSize),
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

const ci = ['woodpecker', 'forgejo', 'gitea', 'github', 'gitlab', 'act', 'testcontainers'] as const

/** Whether a network was created for a CI job. */
export const isCi = (owner: NetworkFact['owner']): boolean => ci.some((one) => one === owner)

/**
 * Whether nothing uses a network: a CI network without a running container, or any other user's network without a container,
 * stopped ones included.
 */
export const isUnused = ({ owner, endpoints, containers }: NetworkFact): boolean =>
  isCi(owner)
    ? endpoints === 0
    : containers === 0 && endpoints === 0 && owner !== 'engine' && owner !== 'regguard'

/** Shares of the pools in use from which on the two findings are reported. */
export const lowShare = 0.6
export const exhaustedShare = 0.9

/** A fault where the used share of the pools is at least `from` and less than `below`. */
export function poolFault(runner: PoolView, from: number, below: number): Fault[] {
  const use = poolUse(runner)
  if (!use) return []
  const share = use.used / use.available
  if (share < from || share >= below) return []
  return [
    {
      subject: 'Docker address pools',
      message: `${use.used} of ${count(use.available, 'subnet')} in use, ${use.available - use.used} left`,
      evidence: [
        ...use.foreign
          .slice(0, 4)
          .map(
            ({ destination, device, subnets }) =>
              `taken by the route ${destination} dev ${device}: ${count(subnets, 'subnet')}`,
          ),
        ...use.idle
          .slice(0, 8)
          .map(
            (network) =>
              `no running container: ${network.name} ${network.subnets.join(' ')}${ageText(network, runner.at)}`,
          ),
      ],
    },
  ]
}

const ageText = ({ createdAt }: NetworkFact, now: number): string =>
  createdAt === undefined ? '' : `, ${spanText(now - createdAt)} old`
