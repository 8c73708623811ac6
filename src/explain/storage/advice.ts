import { firstOf } from '../../core/names.ts'
import { absentPlatforms, imageName, platformNames } from '../../facts/queries/storage/damages.ts'
import type { StoredImage } from '../../facts/storage/image.ts'
import type { RepairPlan } from '../../facts/storage/repair.ts'
import { shortDigest } from '../../oci/digest.ts'
import { repairCommand } from './commands.ts'
import type { RepairPlace } from './place.ts'

/** What to do about an image, with the commands for it in their order. */
export interface RepairAdvice {
  advice: string
  commands: string[]
}

/** A sentence without its end, and the command that does what it says, if one does. */
export const action = ({
  what,
  command,
}: {
  what: string
  command?: string | undefined
}): { advice: string; commands?: string[] } =>
  command === undefined ? { advice: `${what}.` } : { advice: `${what}:`, commands: [command] }

/** What to do about images that cannot be pulled whole; as `one` of many, without what is true of these alone. */
export function repairAdvice(
  images: readonly StoredImage[],
  plan: RepairPlan,
  place: RepairPlace,
  among: 'alone' | 'one of many' = 'alone',
): RepairAdvice {
  const names = images.map(imageName)
  const own = plan.steps.filter((step) => step.images.some((name) => names.includes(name)))
  return {
    advice: adviceFor(images, among === 'alone'),
    commands: own.flatMap((step) => repairCommand(step, place).command ?? []),
  }
}

function adviceFor(images: readonly StoredImage[], isAlone: boolean): string {
  const outcomes = new Set(images.map(({ outcome }) => outcome))
  const [image] = images
  if (image === undefined) return ''
  // That nothing is lost has to be true of all.
  const told = images.find((one) => absentPlatforms(one).length > 0) ?? image
  if (outcomes.size === 1) return texts[image.outcome](told, isAlone && images.length === 1)
  const isRestorable = outcomes.has('restore') || outcomes.has('restore-platforms')
  return isRestorable
    ? restoreSome
    : texts[outcomes.has('roll-back') ? 'roll-back' : image.outcome](image, false)
}

const restoreSome =
  'Restore what is left with these commands before the next garbage collection; build and push again for the rest.'

const texts: Record<StoredImage['outcome'], (image: StoredImage, isAlone: boolean) => string> = {
  restore: (image, isAlone) => {
    const absent = absentPlatforms(image)
    if (absent.length === 0)
      return 'Nothing is lost yet: these commands write the links again. Run them before the next garbage collection.'
    if (!isAlone) return restoreSome
    return `These commands write the links again; run them before the next garbage collection. There is no trace of ${firstOf(platformNames(absent)) || 'the others'}: build and push again if the image is to have ${absent.length > 1 ? 'them' : 'it'}.`
  },
  'restore-platforms': ({ platforms }, isAlone) => {
    if (!isAlone) return restoreSome
    const restorable = platformNames(platforms.filter((one) => one.restorable))
    const lost = platformNames(platforms.filter((one) => !one.restorable))
    return `Restore ${firstOf(restorable) || 'what is left'} with these commands before the next garbage collection; build and push again for ${firstOf(lost) || 'the others'}.`
  },
  'roll-back': ({ rollBacks }, isAlone) => {
    const push = 'Build and push again, after a restart of the registry.'
    const [one, ...others] = rollBacks.filter(isSure)
    if (rollBacks.length > 0 && one === undefined)
      return `${push} Until then, a tag can be pushed with an older image of its history. Which is the newest, the times there do not tell: they are equal, as after a copy of the storage.`
    if (!isAlone || one === undefined)
      return `${push} Until then, the commands after the restart roll tags back to the newest image in the history of each that is whole.`
    return others.length === 0
      ? `${push} Until then, the last command rolls ${one.tag} ${backTo(one)}, the newest image in its history that is whole.`
      : `${push} Until then, the last ${others.length + 1} commands roll ${firstOf([one, ...others].map(({ tag }) => tag))} back to the newest image in the history of each that is whole.`
  },
  rebuild: () =>
    'Build and push again, after a restart of the registry: what is lost is nowhere in this storage.',
  'fetch-again': () =>
    'Move the damaged file away and restart the registry: the cache then fetches it again.',
  none: () => 'Build and push again what the image is to have.',
}

/** Only one image can be the newest that is whole. */
const isSure = ({ others = [] }: StoredImage['rollBacks'][number]): boolean => others.length === 0

/** To which image each tag is rolled back, where the advice does not say it. */
export function rollBackEvidence({ outcome, rollBacks }: StoredImage): string[] {
  if (outcome !== 'roll-back' || (rollBacks.length < 2 && rollBacks.every(isSure))) return []
  return rollBacks.map((one) =>
    isSure(one)
      ? `${one.tag} can go ${backTo(one)}`
      : `${one.tag} can go back to one of ${[one.digest, ...(one.others ?? [])].join(', ')}`,
  )
}

const backTo = ({ digest, at }: StoredImage['rollBacks'][number]): string =>
  `back to ${shortDigest(digest)}${at === undefined ? '' : ` of ${new Date(at).toISOString().slice(0, 10)}`}`
