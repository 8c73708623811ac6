import type { Fault } from '../../core/finding.ts'
import { firstOf } from '../../core/names.ts'
import { count } from '../../core/units.ts'
import { rollBackEvidence } from '../../explain/storage/advice.ts'
import {
  imageNames,
  isLostManifest,
  isOfManifest,
  orphanedPlatforms,
  platformNames,
} from '../../facts/queries/storage/damages.ts'
import type { ForecastRun } from '../../facts/storage/forecast.ts'
import type { StoredImage, StoredPlatform } from '../../facts/storage/image.ts'
import { shortDigest } from '../../oci/digest.ts'
import { defineCheck } from '../define.ts'
import { atLeast, type ImagesFault, imageFault, withFewCauses } from '../storage-damage.ts'
import { collectionName, conditionOf, forecastRuns, foreseen, lossName } from '../storage-forecast.ts'

export default defineCheck({
  id: 'storage-orphaned-index',
  group: 'storage',
  title: 'the storage has every platform image that an index lists',
  fault: 'Orphaned index: the index is there, but platform images that it lists are not served.',
  severity: 'error',
  advice: 'Build and push again, and stop what deletes them.',
  covers: ['gc-loses-repair'],
  reads: ['storage.images'],
  run: ({ storage }, settings) => {
    const orphaned = (storage.judged?.images.broken ?? []).flatMap((image): ImagesFault[] => {
      const lost = orphanedPlatforms(image)
      if (lost.length === 0) return []
      const names = firstOf(platformNames(lost)) || count(lost.length, 'manifest')
      return [
        {
          images: [image],
          fault: {
            ...imageFault(image, storage, settings),
            message: `${names} cannot be pulled`,
            platforms: platformNames(lost),
            evidence: [...lost.map(evidenceOf), ...rollBackEvidence(image)],
            cause: `${image.repository}@${image.digest}`,
            title: `Orphaned index: ${imageNames(image)} lists ${count(image.platformCount, 'platform image')}, ${lostText(lost.length, image.platformCount)}.`,
            ...becauseOf(image, lost, forecastRuns(storage)),
          },
        },
      ]
    })
    return withFewCauses(
      orphaned,
      `Orphaned indexes: ${atLeast(orphaned.length, storage.judged?.images.more ?? 0)} indexes list platform images that cannot be pulled.`,
      storage,
      settings,
    )
  },
})

function lostText(lost: number, all: number): string {
  if (lost < all) return `${lost} of which cannot be pulled`
  return all === 1 ? 'which cannot be pulled' : 'none of which can be pulled'
}

/** Which collections delete what could be restored, if any does. */
function bytesText(image: StoredImage, lost: StoredPlatform[], all: readonly ForecastRun[]): string {
  const digests = new Set(lost.map(({ digest }) => digest))
  const found = foreseen(
    all,
    ({ losesRepair }) =>
      losesRepair.first.filter(
        ({ repository, digest, platforms }) =>
          repository === image.repository &&
          digest === image.digest &&
          platforms.first.some((one) => digests.has(one.digest)),
      ),
    lossName,
  )
  const runs = found.flatMap((one) => one.runs)
  if (runs.length === 0) return ''
  const unless = found.flatMap(conditionOf)[0]
  if (unless !== undefined) return ` The bytes go, too, with ${collectionName(runs)}, ${unless}.`
  const isEvery = all.every(({ version }) =>
    runs.some((run) => run.version === version && !run.deleteUntagged),
  )
  return isEvery
    ? ' The next garbage collection deletes the bytes, too.'
    : ` The bytes go, too, with ${collectionName(runs)}.`
}

function evidenceOf({ platform, digest, damage, restorable, state }: StoredPlatform): string {
  const name = `${platform} ${shortDigest(digest)}`.trim()
  if (state === 'absent') return `${name}: no trace of it`
  const places = damage
    .filter(isLostManifest)
    .map(({ place }) => (place === 'link' ? 'its link' : 'its manifest'))
  const blobs = damage.filter((one) => !isOfManifest(one) && one.place === 'data').length
  const lost = [...places, ...(blobs > 0 ? [count(blobs, 'blob')] : [])]
  const verb = lost.length === 1 ? 'is' : 'are'
  return `${name}: ${lost.join(' and ')} ${verb} gone${restorable ? ', all bytes are there' : ''}`
}

function becauseOf(
  image: StoredImage,
  lost: StoredPlatform[],
  runs: readonly ForecastRun[],
): Pick<Fault, 'because'> {
  // What left no trace shows nothing of the cause.
  const traced = lost.filter(({ state }) => state !== 'absent')
  if (traced.length > 0 && traced.every(({ restorable }) => restorable)) {
    const which = traced.length < lost.length ? ` of ${firstOf(platformNames(traced)) || 'the others'}` : ''
    return { because: `Only links${which} are gone.${bytesText(image, traced, runs)}` }
  }
  const isCollected = traced.some(
    ({ damage }) =>
      damage.some((one) => isLostManifest(one) && one.place === 'link') &&
      !damage.some((one) => isLostManifest(one) && one.place === 'data'),
  )
  return isCollected
    ? {
        because:
          'The manifests are there, but their links and blobs are gone: so “garbage-collect --delete-untagged” of registry 2.x leaves it.',
      }
    : {}
}
