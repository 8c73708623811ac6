import type { Fault, Severity } from '../core/finding.ts'
import { count } from '../core/units.ts'
import { repairAdvice, rollBackEvidence } from '../explain/storage/advice.ts'
import { dataPath, placeOf, type RepairPlace } from '../explain/storage/place.ts'
import { pathWord } from '../explain/storage/shell.ts'
import {
  allNames,
  type DamageIn,
  damagesIn,
  imageName,
  imageNames,
  isBehindManifest,
  isOfManifest,
  platformNames,
} from '../facts/queries/storage/damages.ts'
import type { Damage, StoredImage } from '../facts/storage/image.ts'
import type { StorageFact } from '../facts/storage.ts'
import type { Settings } from '../settings/schema.ts'

/** What checks of damage read of a storage. */
export type JudgedView = Pick<StorageFact, 'root' | 'driver' | 'layout' | 'judged' | 'registry'>

/** What is hurt decides: a tag is used, and what has none can be pulled by its digest alone. */
const severityOf = (images: readonly StoredImage[]): Severity =>
  images.some(({ tagCount }) => tagCount > 0) ? 'error' : 'warning'

/** What all findings about an image have, which explain that the next collection deletes what is left of it. */
export const imageFault = (
  image: StoredImage,
  storage: JudgedView,
  settings: Settings,
): Pick<Fault, 'subject' | 'repository' | 'digest' | 'severity' | 'explains' | 'advice' | 'commands'> => ({
  subject: imageName(image),
  ...{ repository: image.repository, digest: image.digest, severity: severityOf([image]) },
  explains: allNames(image),
  ...repairOf([image], storage, settings),
})

/** What to do about images. */
const repairOf = (
  images: readonly StoredImage[],
  storage: JudgedView,
  settings: Settings,
  among?: Parameters<typeof repairAdvice>[3],
) =>
  repairAdvice(
    images,
    storage.judged?.repair ?? { steps: [], more: 0, bytes: 0 },
    placeOf(storage, settings),
    among,
  )

/** So many causes of one kind are told apart. */
const maxCauses = 5

/** A fault, and the images that it hurts. */
export interface ImagesFault {
  fault: Fault
  images: StoredImage[]
}

/**
 * Findings with few causes keep them; where there are many, the storage as a whole has one, with another title and with advice that is
 * true of all.
 */
export function withFewCauses(
  faults: readonly ImagesFault[],
  title: string,
  storage: JudgedView,
  settings: Settings,
): Fault[] {
  const causes = new Set(faults.map(({ fault }) => fault.cause))
  if (causes.size <= maxCauses) return faults.map(({ fault }) => fault)
  const reasons = new Set(faults.map(({ fault }) => fault.because))
  return faults.map(({ fault: { because, ...fault }, images }) => ({
    ...fault,
    // What shows the cause of one need not be true of the others.
    ...(reasons.size === 1 && because !== undefined ? { because } : {}),
    ...repairOf(images, storage, settings, 'one of many'),
    cause: 'all',
    title,
  }))
}

/** How many there are, where a scan lists the first of them. */
export const atLeast = (number: number, more: number): string =>
  more > 0 ? `at least ${number}` : `${number}`

/** Says with the first of some findings how many more there are than a scan lists. */
export const withUnlisted = (faults: Fault[], more: number): Fault[] =>
  faults.map((fault, at) =>
    at === 0 && more > 0
      ? { ...fault, evidence: [`${more} more are not listed`, ...(fault.evidence ?? [])] }
      : fault,
  )

/** Which damage a check is about, and its words for it. */
export interface DamageKind {
  /** Whether it is this kind; damage that clients never get to, behind a manifest that is not served, is not asked. */
  is: (damage: Damage, found: DamageIn) => boolean
  message: (damage: Damage) => string
  /** The fault, for a cause with these images. */
  title: (objects: Amount, images: HurtImages) => string
  because?: string
}

/** How many objects are damaged: `3`, or `at least 3` where a scan lists the first of them. */
interface Amount {
  isOne: boolean
  text: string
}

const amount = (number: number, isCut: boolean): Amount => ({
  isOne: number === 1 && !isCut,
  text: isCut ? `at least ${number}` : `${number}`,
})

/** Whether only the first damaged objects of an image are listed. */
const isCutIn = ({ platforms }: StoredImage): boolean =>
  platforms.some(({ damage, damageCount }) => damageCount > damage.length)

/** Images as the subject of a sentence. */
interface HurtImages {
  names: string
  /** The first form for one image, the second for several. */
  verb: (one: string, many: string) => string
}

/**
 * The findings of a kind of damage: one for each digest in each repository. Those that hurt the same image have one cause, and an
 * object of several images has its own.
 */
export function damageFaults(kind: DamageKind, storage: JudgedView, settings: Settings): Fault[] {
  const isCut = (storage.judged?.images.more ?? 0) > 0
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
    const digests = new Set(same.flatMap(({ all }) => all.map(({ damage }) => damage.digest)))
    const title = kind.title(amount(digests.size, images.some(isCutIn)), hurtBy(images, isCut))
    return same.flatMap(({ subject, all }): ImagesFault[] => {
      const [first] = all
      if (!first) return []
      const { damage, image } = first
      const own = imagesOf(all)
      const repair = repairOf(own, storage, settings)
      const moved = movedFile(damage.digest, repair.commands, placeOf(storage, settings))
      const fault = {
        ...imageFault(image, storage, settings),
        ...repair,
        ...{ subject, digest: damage.digest, severity: severityOf(images) },
        explains: [...own.flatMap(allNames), ...moved],
        message: kind.message(damage),
        platforms: platformNames(all.flatMap(({ platform }) => platform ?? [])),
        evidence:
          images.length > 1 ? own.map((one) => `${imageName(one)} needs it`) : own.flatMap(rollBackEvidence),
        cause,
        title,
        ...(kind.because === undefined ? {} : { because: kind.because }),
      }
      return [{ fault, images: own }]
    })
  })
  const hurtAtAll = imagesOf(found)
  const objectsAtAll = amount(sharers.size, isCut || hurtAtAll.some(isCutIn))
  const all = kind.title(objectsAtAll, hurtBy(hurtAtAll, isCut))
  return withFewCauses(faults, all, storage, settings)
}

/** The data file of a digest, if these commands rename it: nothing else has to be done about the file then. */
function movedFile(digest: string, commands: readonly string[], place: RepairPlace): string[] {
  const path = dataPath(place, digest)
  return commands.some((command) => command.includes(` ${pathWord(path)} `)) ? [path] : []
}

const imagesOf = (found: readonly DamageIn[]): StoredImage[] => [...new Set(found.map(({ image }) => image))]

function causeOf(hurt: StoredImage[], digest = ''): string {
  const [image, ...others] = new Set(hurt)
  return image === undefined || others.length > 0 ? digest : `${image.repository}@${image.digest}`
}

const hurtBy = (images: readonly StoredImage[], isCut: boolean): HurtImages => ({
  names: imagesText(images, isCut),
  verb: (one, many) => (images.length === 1 ? one : many),
})

/** The name of one image with its tags, or how many there are. */
function imagesText([first, ...others]: readonly StoredImage[], isCut: boolean): string {
  if (first === undefined) return ''
  return others.length === 0
    ? imageNames(first)
    : `${imageName(first)} and ${isCut ? 'at least ' : ''}${count(others.length, 'other image')}`
}

/** What to do about a data file whose bytes are wrong. */
export const moveAndPush =
  'Move the damaged file away and restart the registry, then push again: a push never replaces the file.'

/** Damage of this state to the data of a configuration or a layer. */
export const isDataOfBlob =
  (state: Damage['state']) =>
  (damage: Damage): boolean =>
    damage.place === 'data' && damage.state === state && !isOfManifest(damage)

/** `Corrupt blobs: team/app:1 needs 2 blobs whose bytes have changed on disk.` */
export const blobTitle =
  (fault: string, how: string): DamageKind['title'] =>
  ({ isOne, text }, { names, verb }) =>
    `${fault} ${isOne ? 'blob' : 'blobs'}: ${names} ${verb('needs', 'need')} ${isOne ? 'a blob' : `${text} blobs`} ${how}.`
