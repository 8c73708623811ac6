import type { Fault } from '../../core/finding.ts'
import { count } from '../../core/units.ts'
import { imageName, isOfManifest, platformNames } from '../../facts/queries/storage/damages.ts'
import type { Damage, StoredImage, StoredPlatform } from '../../facts/storage/image.ts'
import { shortDigest } from '../../oci/digest.ts'
import { defineCheck } from '../define.ts'
import { imageFault, withFewCauses } from '../storage-damage.ts'

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
    const orphaned = (storage.judged?.images.broken ?? []).flatMap((image): Fault[] => {
      const lost = lostPlatforms(image)
      if (lost.length === 0) return []
      const names = platformNames(lost).join(', ') || count(lost.length, 'manifest')
      return [
        {
          ...imageFault(image, storage, settings),
          message: `${names} cannot be pulled`,
          platforms: platformNames(lost),
          explains: [imageName(image)],
          evidence: lost.map(evidenceOf),
          cause: `${image.repository}@${image.digest}`,
          title: `Orphaned index: ${imageName(image)} lists ${count(image.platformCount, 'platform image')}, ${lost.length} of which cannot be pulled.`,
          ...becauseOf(image, lost),
        },
      ]
    })
    return withFewCauses(
      orphaned,
      `Orphaned indexes: ${orphaned.length} indexes list platform images that cannot be pulled.`,
    )
  },
})

/** The platforms whose manifest is not served: its link or its data is gone; or, if there is no other, all that have no trace. */
function lostPlatforms({ kind, platforms, platformCount }: StoredImage): StoredPlatform[] {
  if (kind !== 'index') return []
  const lost = platforms.filter(({ damage }) => damage.some(isLost))
  const absent = platforms.filter(({ state }) => state === 'absent')
  return absent.length === platformCount || lost.length > 0
    ? [...lost, ...absent.filter((one) => !lost.includes(one))]
    : []
}

const isLost = (damage: Damage): boolean =>
  isOfManifest(damage) && damage.state === 'missing' && (damage.place === 'link' || damage.place === 'data')

function evidenceOf({ platform, digest, damage, restorable, state }: StoredPlatform): string {
  const name = `${platform} ${shortDigest(digest)}`.trim()
  if (state === 'absent') return `${name}: no trace of it`
  const places = damage.filter(isLost).map(({ place }) => (place === 'link' ? 'its link' : 'its manifest'))
  const blobs = damage.filter((one) => !isOfManifest(one) && one.place === 'data').length
  const lost = [...places, ...(blobs > 0 ? [count(blobs, 'blob')] : [])]
  const verb = lost.length === 1 ? 'is' : 'are'
  return `${name}: ${lost.join(' and ')} ${verb} gone${restorable ? ', all bytes are there' : ''}`
}

function becauseOf({ platforms }: StoredImage, lost: StoredPlatform[]): Pick<Fault, 'because'> {
  if (lost.every(({ restorable }) => restorable))
    return { because: 'Only links are gone. The next garbage collection deletes the bytes, too.' }
  const isCollected = lost.some(
    ({ damage }) =>
      damage.some((one) => isLost(one) && one.place === 'link') &&
      !damage.some((one) => isLost(one) && one.place === 'data'),
  )
  return isCollected && platforms.length > 0
    ? {
        because:
          'The manifests are there, but their links and blobs are gone: so “garbage-collect --delete-untagged” of registry 2.x leaves it.',
      }
    : {}
}
