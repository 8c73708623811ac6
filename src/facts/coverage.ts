import { failureInfo } from '../core/failure.ts'
import type { Group } from '../core/groups.ts'
import { isOfFlux, unreadText } from './cluster/rights.ts'
import type { ClusterFact } from './cluster.ts'
import type { Facts } from './facts.ts'
import { missingAreas } from './observations.ts'
import { missingViews } from './queries/cluster/unprobed.ts'
import { failuresIn } from './queries/image/failures.ts'
import { legState } from './queries/path/legs.ts'
import { gapIn } from './queries/runner/partly-read.ts'

/** How many things of a group could not be observed, and the reason for the first one. */
export interface Coverage {
  missing: number
  why?: string
  /** Nothing at all was seen, so that findings only say why. */
  blind?: true
}

const nothingMissing: Coverage = { missing: 0 }
const missingFor = (reasons: string[]): Coverage => {
  const [why] = reasons
  return { missing: reasons.length, ...(why === undefined ? {} : { why }) }
}
const blindFor = (why: string): Coverage => ({ missing: 1, why, blind: true })

/** What is missing of each group. A group with anything missing cannot pass. */
export const coverage: Record<Group, (facts: Facts) => Coverage> = {
  image: (facts) =>
    missingFor([
      ...failuresIn(facts).map(({ why }) => `${why.host}: ${why.detail}`),
      ...refusedCatalog(facts),
    ]),
  registry: ({ image, registry }) => {
    const requested = [
      ...image.targets.map(({ first }) => first),
      ...(registry.catalog ? [registry.catalog.listed] : []),
    ]
    const answered = requested.some((one) => one.seen || failureInfo(one.why.kind).answered)
    const { mirrors = [] } = registry.coverage ?? {}
    // A run may be about mirrors alone.
    const isOfMirrors = registry.coverage !== undefined && requested.length === 0
    if (!answered && !isOfMirrors) return missingFor(['no registry responded'])
    return missingFor(
      mirrors
        .filter(({ isFailing }) => isFailing)
        .map(({ mirror, why = 'not asked' }) => `${mirror}: ${why}`),
    )
  },
  path: ({ path }) => {
    const reached = path.hosts.some(({ addresses, proxy }) => addresses.length > 0 || proxy !== undefined)
    // A run may be for names, or for the files of DNS servers, alone.
    const { names = [] } = path.names ?? {}
    const onlyNames =
      path.requests === 0 &&
      path.names !== undefined &&
      (names.length === 0 || names.some(({ libc }) => libc.state === 'found'))
    const endpoints = (path.legs ?? []).filter(({ step }) => step === 'endpoint')
    return missingFor([
      ...(reached || onlyNames || endpoints.length > 0 ? [] : ['no host was reached']),
      ...endpoints.flatMap((leg) => {
        const state = legState(leg)
        if (state === 'unfinished') return [`${leg.of}: not finished`]
        return state === 'proxied' ? [`${leg.of}: not probed, it is behind a proxy`] : []
      }),
    ])
  },
  runner: (facts) => {
    const { runner } = facts
    if (!runner) return missingFor(['the runner was not inspected'])
    return missingFor(
      missingAreas(facts).flatMap((name) => {
        const area = runner[name]
        const why = gapIn(runner, name)?.why ?? (area.seen ? undefined : area.why)
        return why === undefined ? [] : [why]
      }),
    )
  },
  storage: ({ storage }) => {
    if (!storage) return blindFor('the storage was not inspected')
    const { layout, unread, hashes } = storage
    if (!layout.seen) return blindFor(layout.why)
    const [first] = unread.places
    const missing = unread.counts.blobs + unread.counts.repositories
    if (first) return { missing, why: `${first.path}: ${first.why}` }
    return hashes && !hashes.seen ? missingFor([hashes.why]) : nothingMissing
  },
  cluster: ({ cluster }) => {
    if (!cluster) return blindFor('the cluster was not inspected')
    if (cluster.failure) return blindFor(cluster.failure.why)
    // Who reads some namespaces only may do without nodes, which are in none, and without Flux, whose sources are elsewhere.
    const lacking = cluster.unread.filter(
      ({ resource }) => cluster.namespaces.length === 0 || !(resource === 'nodes' || isOfFlux(resource)),
    )
    return missingFor([...lacking.map(unreadText), ...missingOfNodes(cluster)])
  },
}

/** What is missing of the views that were asked for. A node that is down has none, and no pulls either. */
function missingOfNodes(cluster: ClusterFact): string[] {
  const { views } = cluster
  if (!views) return []
  if (views.failure) return [`probes in ${views.namespace}: ${views.failure.why}`]
  if (views.views.length === 0) return [`there is no probe in the namespace ${views.namespace}`]
  return missingViews(cluster)
    .filter(({ isNodeDown }) => !isNodeDown)
    .map(({ node, kind, why }) => `${node}, ${kind}: ${why}`)
}

/** The reason for a catalog that the registry refuses: the repositories in it were not verified. */
function refusedCatalog({ registry: { catalog } }: Facts): string[] {
  if (!catalog?.listed.seen || catalog.listed.value.state !== 'refused') return []
  return [`${catalog.registry}: HTTP ${catalog.listed.value.refusal.status} for the catalog`]
}
