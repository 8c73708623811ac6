import { imageName, platformNames } from '../../facts/queries/storage/damages.ts'
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

/** What to do about an image that cannot be pulled whole. */
export function repairAdvice(image: StoredImage, plan: RepairPlan, place: RepairPlace): RepairAdvice {
  const name = imageName(image)
  const own = plan.steps.filter(({ images }) => images.includes(name))
  return {
    advice: texts[image.outcome](image),
    commands: own.flatMap((step) => repairCommand(step, place).command ?? []),
  }
}

const texts: Record<StoredImage['outcome'], (image: StoredImage) => string> = {
  restore: () =>
    'Nothing is lost yet: these commands write the links again. Run them before the next garbage collection.',
  'restore-platforms': ({ platforms }) => {
    const restorable = platformNames(platforms.filter((one) => one.restorable))
    const lost = platformNames(platforms.filter((one) => !one.restorable))
    return `Restore ${restorable.join(', ') || 'what is left'} with these commands before the next garbage collection; build and push again for ${lost.join(', ') || 'the others'}.`
  },
  'roll-back': ({ rollBack }) =>
    `Build and push again, after a restart of the registry. Until then, the last command rolls ${rollBack?.tag} back to ${shortDigest(rollBack?.digest ?? '')}${dateOf(rollBack?.at)}, the newest image in its history that is whole.`,
  rebuild: () =>
    'Build and push again, after a restart of the registry: what is lost is nowhere in this storage.',
  'fetch-again': () =>
    'Move the damaged file away and restart the registry: the cache then fetches it again.',
  none: () => 'Nothing has to be done if it was meant so; else build and push again.',
}

const dateOf = (at: number | undefined): string =>
  at === undefined ? '' : ` of ${new Date(at).toISOString().slice(0, 10)}`
