import type { ClusterFact } from '../../../facts/cluster.ts'
import { pulledReference } from '../../../facts/queries/cluster/targets.ts'
import { heldOf } from '../../../facts/queries/registry/held.ts'
import type {
  CoverageFact,
  CoveredImage,
  CoveredRegistry,
  Upstream,
} from '../../../facts/registry/coverage.ts'
import { normalisePlatform, type Platform } from '../../../oci/platform.ts'
import { type Reference, referenceName } from '../../../oci/reference.ts'
import type { CoverageMirror } from '../../../settings/plan/mirror-coverage.ts'
import { type ImageContext, observeImages, openRegistryFor } from '../../image/image.ts'
import type { Registry } from '../registry.ts'
import { type MirrorNature, natureOf } from './kind.ts'
import { askUpstream } from './upstream.ts'

/** So many images are looked for. */
const maxImages = 2000

/** What looking for images in mirrors needs. */
export interface CoverageContext extends Omit<ImageContext, 'targets' | 'extent' | 'pushAccess' | 'catalog'> {
  mirrors: readonly CoverageMirror[]
  /** The images that the settings name. */
  named: readonly Reference[]
  /** The platforms of the setting. */
  platforms: readonly Platform[]
  cluster: ClusterFact | undefined
}

/** Finds out which images are whole in the mirrors, by no question that could fill a cache, and which of the others their registry has. */
export async function observeCoverage(context: CoverageContext): Promise<CoverageFact> {
  const { mirrors } = context
  const all = imagesOf(context)
  const images = all.slice(0, maxImages)
  const byRegistry = Map.groupBy(images, ({ registry }) => registry)
  const upstream = createUpstream(context)
  const covered: CoveredRegistry[] = []
  for (const mirror of mirrors)
    for (const [registry, own] of byRegistry)
      if (holds(mirror, registry)) covered.push(await lookIn(context, mirror, registry, own, upstream))
  return {
    mirrors: covered,
    unmirrored: [...byRegistry]
      .filter(
        ([registry]) =>
          !mirrors.some((mirror) => holds(mirror, registry)) &&
          !mirrors.some(({ host }) => host === registry),
      )
      .map(([registry, own]) => ({ registry, images: own.length })),
    more: all.length - images.length,
  }
}

const holds = ({ registry, host }: CoverageMirror, of: string): boolean =>
  registry === undefined ? of !== host : of === registry

/** Each image once: those that pods of the cluster run or wait for, or those that the settings name. */
function imagesOf({ named, cluster }: CoverageContext): Reference[] {
  const references = cluster ? (cluster.images ?? []).flatMap((image) => pulledReference(image) ?? []) : named
  return [...new Map(references.map((one) => [referenceName(one), one])).values()]
}

type AskUpstream = (reference: Reference) => Promise<Upstream>

/** Each image is asked about once, whatever the number of mirrors. */
function createUpstream(context: CoverageContext): AskUpstream {
  const registries = new Map<string, Registry>()
  const known = new Map<string, Promise<Upstream>>()
  return (reference) => {
    const name = referenceName(reference)
    const { registry: of, apiHost } = reference
    const registry = registries.get(apiHost) ?? openRegistryFor(context, of, apiHost)
    registries.set(apiHost, registry)
    const asked = known.get(name) ?? askUpstream(registry, reference)
    known.set(name, asked)
    return asked
  }
}

async function lookIn(
  context: CoverageContext,
  mirror: CoverageMirror,
  registry: string,
  images: readonly Reference[],
  upstream: AskUpstream,
): Promise<CoveredRegistry> {
  const pairs = images.map((reference) => ({ reference, at: inMirror(mirror, reference) }))
  const { mirror_kind: wanted } = context.settings
  const nature: MirrorNature =
    wanted === 'copy'
      ? { kind: wanted, held: undefined }
      : await natureOf(
          openRegistryFor(context, mirror.host, mirror.host.toLowerCase()),
          pairs.map(({ reference, at }) => ({
            repository: at.repository,
            upstream: () => upstream(reference),
          })),
        )
  const kind = wanted === 'auto' ? nature.kind : wanted
  const found =
    kind === 'copy'
      ? await readCopy(context, pairs)
      : pairs.map(({ at }) => ({ ...nothingOf, ...fromCatalog(nature, at.repository) }))
  const listed = await Promise.all(
    pairs.map(async ({ reference, at }, place): Promise<CoveredImage & { why?: string }> => {
      const held = found[place] ?? { ...nothingOf, state: 'unknown' }
      const isAsked = held.state !== 'unknown'
      return {
        ...{ image: referenceName(reference), at: referenceName(at), ...held },
        upstream: isAsked ? await upstream(reference) : { state: 'not-asked' },
      }
    }),
  )
  const number = (state: CoveredImage['state']) => listed.filter((one) => one.state === state).length
  const why = nature.why ?? listed.find((one) => one.why !== undefined)?.why ?? whyOf[kind]
  return {
    ...{ mirror: mirror.name, registry, kind },
    ...(why === undefined || number('unknown') === 0 ? {} : { why }),
    isFailing: nature.isFailing === true || (kind === 'copy' && number('unknown') > 0),
    counts: {
      images: listed.length,
      whole: number('whole'),
      partial: number('partial'),
      absent: number('absent'),
      unknown: number('unknown'),
    },
    images: listed
      .filter((one) => one.state !== 'whole' || isOutdated(one))
      .map(({ why: _, ...image }) => image),
  }
}

const whyOf = {
  cache: 'it is a pull-through cache, which asking would fill',
  copy: undefined,
  unknown: undefined,
}

/** A tag that refers to something else than in its registry. */
const isOutdated = ({ digest, upstream }: CoveredImage): boolean =>
  digest !== undefined && upstream.digest !== undefined && digest !== upstream.digest

const nothingOf = { lacks: [], lackCount: 0, platforms: [] }

/** A repository of which a mirror holds nothing has no whole image; of any other nothing can be said. */
const fromCatalog = ({ held }: MirrorNature, repository: string): Pick<CoveredImage, 'state'> => ({
  state: held !== undefined && !held.has(repository) ? 'absent' : 'unknown',
})

const inMirror = ({ host, prefix }: CoverageMirror, reference: Reference): Reference => ({
  ...reference,
  registry: host,
  apiHost: host.toLowerCase(),
  repository: `${prefix}${reference.repository}`,
})

/** Reads the images from a mirror that holds what was put into it, each blob as far as `depth` says. */
async function readCopy(
  context: CoverageContext,
  pairs: readonly { at: Reference }[],
): Promise<ReturnType<typeof heldOf>[]> {
  const platforms = platformsOf(context)
  const { image } = await observeImages({
    ...context,
    // What is asked of an image that was pushed just now is not asked here.
    settings: { ...context.settings, sample: 0, settle: 0, referrers: false, also_anonymous: false },
    ...{ extent: 'whole', pushAccess: false },
    targets: pairs.map(({ at }) => ({ reference: at })),
  })
  const byName = new Map(image.targets.map((one) => [referenceName(one.target.reference), one]))
  return pairs.map(({ at }) => {
    const target = byName.get(referenceName(at))
    return target ? heldOf(target, image, platforms) : { ...nothingOf, state: 'unknown' }
  })
}

/** Those of the setting, else those of the nodes, else all. */
const platformsOf = ({ platforms, cluster }: CoverageContext): readonly Platform[] =>
  platforms.length > 0
    ? platforms
    : [...new Set((cluster?.nodes ?? []).map(({ architecture }) => architecture))]
        .filter(Boolean)
        .map((architecture) => normalisePlatform({ os: 'linux', architecture }))
