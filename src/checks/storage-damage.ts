import type { Fault, Severity } from '../core/finding.ts'
import { count } from '../core/units.ts'
import { repairAdvice } from '../explain/storage/advice.ts'
import { placeOf } from '../explain/storage/place.ts'
import {
  type DamageIn,
  damagesIn,
  imageName,
  isBehindManifest,
  platformNames,
} from '../facts/queries/storage/damages.ts'
import type { Damage, StoredImage } from '../facts/storage/image.ts'
import type { StorageFact } from '../facts/storage.ts'
import type { Settings } from '../settings/schema.ts'

/** What checks of damage read of a storage. */
export type JudgedView = Pick<StorageFact, 'root' | 'driver' | 'layout' | 'judged'>

/** What is hurt decides: a tag is used, and what has none can be pulled by its digest alone. */
const severityOf = (images: readonly StoredImage[]): Severity =>
  images.some(({ tagCount }) => tagCount > 0) ? 'error' : 'warning'

/** What all findings about an image have. */
export function imageFault(
  image: StoredImage,
  storage: JudgedView,
  settings: Settings,
): Pick<Fault, 'subject' | 'repository' | 'digest' | 'severity' | 'advice' | 'commands'> {
  const plan = storage.judged?.repair ?? { steps: [], more: 0, bytes: 0 }
  return {
    subject: imageName(image),
    ...{ repository: image.repository, digest: image.digest, severity: severityOf([image]) },
    ...repairAdvice(image, plan, placeOf(storage, settings)),
  }
}

/** So many causes of one kind are told apart. */
const maxCauses = 5

/** Findings with few causes keep them; where there are many, the storage as a whole has one, with another title. */
export function withFewCauses(faults: Fault[], title: string): Fault[] {
  const causes = new Set(faults.map(({ cause }) => cause))
  return causes.size > maxCauses ? faults.map((fault) => ({ ...fault, cause: 'all', title })) : faults
}

/** Which damage a check is about, and its words for it. */
export interface DamageKind {
  /** Whether it is this kind; damage that clients never get to, behind a manifest that is not served, is not asked. */
  is: (damage: Damage, found: DamageIn) => boolean
  message: (damage: Damage) => string
  /** The fault, for a cause with these images. */
  title: (objects: number, images: string) => string
}

/**
 * The findings of a kind of damage: one for each digest in each repository. Those that hurt the same image have one cause, and an
 * object of several images has its own.
 */
export function damageFaults(kind: DamageKind, storage: JudgedView, settings: Settings): Fault[] {
  const found = damagesIn(storage.judged?.images.broken ?? []).filter(
    (one) => !isBehindManifest(one) && kind.is(one.damage, one),
  )
  // All repositories share the data, and each has its own links.
  const sharers = Map.groupBy(found, ({ image, damage }) =>
    damage.place === 'data' ? damage.digest : `${image.repository}@${damage.digest}`,
  )
  const objects = [...sharers.values()].flatMap((all) => {
    const cause = causeOf(
      all.map(({ image }) => image),
      all[0]?.damage.digest,
    )
    const byRepository = Map.groupBy(all, ({ image, damage }) => `${image.repository}@${damage.digest}`)
    return [...byRepository].map(([subject, same]) => ({ subject, all: same, cause }))
  })
  const hurt = Map.groupBy(objects, ({ cause }) => cause)
  const faults = [...hurt].flatMap(([cause, same]) => {
    const images = imagesOf(same.flatMap(({ all }) => all))
    const names = imagesText(images)
    const digests = new Set(same.flatMap(({ all }) => all.map(({ damage }) => damage.digest)))
    return same.flatMap(({ subject, all }): Fault[] => {
      const [first] = all
      if (!first) return []
      const { damage, image } = first
      return [
        {
          ...imageFault(image, storage, settings),
          ...{ subject, digest: damage.digest, severity: severityOf(images) },
          message: kind.message(damage),
          platforms: platformNames(all.flatMap(({ platform }) => platform ?? [])),
          ...(images.length > 1 ? { evidence: images.slice(0, 4).map(imageName) } : {}),
          cause,
          title: kind.title(digests.size, names),
        },
      ]
    })
  })
  return withFewCauses(faults, kind.title(sharers.size, imagesText(imagesOf(found))))
}

const imagesOf = (found: readonly DamageIn[]): StoredImage[] => [...new Set(found.map(({ image }) => image))]

function causeOf(hurt: StoredImage[], digest = ''): string {
  const [image, ...others] = new Set(hurt)
  return image === undefined || others.length > 0 ? digest : `${image.repository}@${image.digest}`
}

/** The name of one image, or how many there are. */
function imagesText([first, ...others]: StoredImage[]): string {
  if (first === undefined) return ''
  return others.length === 0
    ? imageName(first)
    : `${imageName(first)} and ${count(others.length, 'other image')}`
}
