import type { Damage, StoredPlatform } from '../../../storage/image.ts'
import type { DigestTable } from '../digest-table.ts'
import {
  isIndex,
  isLeafRestorable,
  type JudgedBlob,
  type JudgedManifest,
  type Leaf,
  stateOfLeaf,
} from './judged.ts'

/** So many damaged objects of a platform are listed. */
const maxDamage = 20

/** A platform with its damage. */
export function platformOf(leaf: Leaf, top: JudgedManifest, digests: DigestTable): StoredPlatform {
  const { manifest, above } = leaf
  const own = manifest === top ? [] : [...above, manifest].flatMap((one) => damageOf(one, digests))
  const damage = [...own, ...manifest.blobs.flatMap((blob) => blobDamage(blob, digests))]
  return {
    platform: manifest.platform,
    digest: digests.text(manifest.digest),
    state: stateOfLeaf(leaf),
    restorable: isLeafRestorable(leaf),
    damage: damage.slice(0, maxDamage),
    damageCount: damage.length,
  }
}

/** The damage to a manifest itself, the link first. */
export function damageOf(one: JudgedManifest, digests: DigestTable): Damage[] {
  const { data, stored } = one
  const object = { digest: digests.text(one.digest), role: isIndex(one) ? 'index' : 'manifest' } as const
  const invalid = stored?.state === 'invalid' && data.state === 'whole' ? stored : undefined
  return [
    ...damageTo(object, one, digests),
    ...(invalid ? [{ ...object, place: 'document', state: 'invalid', why: invalid.why } as const] : []),
  ]
}

function blobDamage(blob: JudgedBlob, digests: DigestTable): Damage[] {
  const { reference } = blob
  const role = reference.role === 'child' ? 'blob' : reference.role
  return damageTo({ digest: digests.text(reference.digest), role }, blob, digests)
}

/** The damage to an object with a link and data. */
function damageTo(
  object: Pick<Damage, 'digest' | 'role'>,
  { link, data, misstated }: Pick<JudgedBlob, 'link' | 'data' | 'misstated'>,
  digests: DigestTable,
): Damage[] {
  const damage: Damage[] = []
  if (link !== 'whole' && link !== 'unreadable') damage.push({ ...object, place: 'link', state: link })
  if (data.state === 'wrong-size') {
    const { state, stated, actual } = data
    damage.push({ ...object, place: 'data', state, stated, actual })
  } else if (data.state !== 'whole' && data.state !== 'unread')
    damage.push({ ...object, place: 'data', ...data })
  if (misstated) {
    const { by, ...sizes } = misstated
    damage.push({ ...object, place: 'descriptor', state: 'wrong-size', ...sizes, statedBy: digests.text(by) })
  }
  return damage
}
