import { firstOf } from '../../../core/names.ts'
import type { Damage, StoredImage, StoredPlatform } from '../../storage/image.ts'

/** Damage that keeps an image, or a platform of it, from being pulled. */
export interface DamageIn {
  image: StoredImage
  damage: Damage
  /** The platform that it is part of; undefined for the manifest itself. */
  platform?: StoredPlatform
}

/** All damage in these images, that of the manifest itself first. */
export const damagesIn = (images: readonly StoredImage[]): DamageIn[] =>
  images.flatMap((image) => [
    ...image.top.map((damage) => ({ image, damage })),
    ...image.platforms.flatMap((platform) => platform.damage.map((damage) => ({ image, damage, platform }))),
  ])

/** Whether it is about a manifest or an index. */
export const isOfManifest = ({ role }: Damage): boolean => role === 'manifest' || role === 'index'

/** Whether a client never gets to it, because a manifest on the way to it is not served. */
export function isBehindManifest({ image, platform, damage }: DamageIn): boolean {
  if (isOfManifest(damage)) return false
  return [...image.top, ...(platform?.damage ?? [])].some(
    (one) => isOfManifest(one) && one.place !== 'descriptor',
  )
}

/** The platforms of an index that the storage has no trace of. */
export const absentPlatforms = ({ platforms }: StoredImage): StoredPlatform[] =>
  platforms.filter(({ state }) => state === 'absent')

/**
 * The platforms of an orphaned index, whose manifests are not served: the link or the data of one is gone, and then also those without a
 * trace; or no platform has a trace.
 */
export function orphanedPlatforms(image: StoredImage): StoredPlatform[] {
  if (image.kind !== 'index') return []
  const absent = absentPlatforms(image)
  const lost = image.platforms.filter(
    ({ state, damage }) => state !== 'absent' && damage.some(isLostManifest),
  )
  return lost.length > 0 || absent.length === image.platformCount ? [...lost, ...absent] : []
}

/** Whether the link or the data of a manifest is gone. */
export const isLostManifest = (damage: Damage): boolean =>
  isOfManifest(damage) && damage.state === 'missing' && (damage.place === 'link' || damage.place === 'data')

/** The name that people know an image by: with its first tag, or by its digest. */
export const imageName = ({ repository, digest, tags: [tag] }: StoredImage): string =>
  tag === undefined ? `${repository}@${digest}` : `${repository}:${tag}`

/** The names under which a forecast may report it. */
export const allNames = ({ repository, digest, tags }: StoredImage): string[] => [
  ...tags.map((tag) => `${repository}:${tag}`),
  `${repository}@${digest}`,
]

/** The name of an image, with its other tags: `team/app:1.2 (also 1.3, latest and 4 more)`. */
export function imageNames(image: StoredImage): string {
  const others = image.tags.slice(1)
  return others.length === 0
    ? imageName(image)
    : `${imageName(image)} (also ${firstOf(others, image.tagCount - 1)})`
}

/** The platforms that have no name are images or artifacts of an index without platforms. */
export const platformNames = (platforms: readonly StoredPlatform[]): string[] => [
  ...new Set(platforms.map(({ platform }) => platform).filter((name) => name !== '')),
]
