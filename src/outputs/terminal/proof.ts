import { proofWords } from '../../core/proof.ts'
import { count } from '../../core/units.ts'
import type { ReportMember } from '../../report/schema.ts'

type Proof = ReportMember['proof']

/** How many blobs of several images were proven, and how. */
export function sumOfProofs(images: readonly { proof: Proof }[]): Proof {
  const total: Proof = {
    ...{ listed: 0, opened: 0, lastByte: 0, whole: 0, unread: 0 },
    ...{ sampled: 0, notSampled: 0, layers: 0, unpacked: 0 },
  }
  for (const { proof } of images) {
    for (const name of Object.keys(total) as (keyof Proof)[]) total[name] += proof[name]
  }
  return total
}

/**
 * What was proven of blobs without a fault, and no more: the weakest proof counts for all that were read. Empty where there is no
 * blob.
 */
export function proofText(proof: Proof): string {
  const { listed, opened, lastByte, whole, unread } = proof
  if (listed + opened + lastByte + whole + unread === 0) return ''
  const exceptions = [
    ...(proof.opened > 0 ? [`${count(proof.opened, 'blob')} ${proofWords.opened.one}`] : []),
    ...(proof.unread > 0 ? [`${count(proof.unread, 'layer')} hosted elsewhere, not read`] : []),
  ]
  const { all, others } = weakest(proof)
  return exceptions.length > 0 ? [...exceptions, `the others: ${others}`].join(', ') : all
}

/** Configurations are read whole at every depth, so they never decide. */
function weakest(proof: Proof): { all: string; others: string } {
  const { layers, unpacked } = proof
  if (proof.listed > 0) return { all: proofWords.listed.all, others: proofWords.listed.one }
  if (proof.lastByte > 0) return { all: lastByteText(proof), others: proofWords['last-byte'].one }
  const { all, one } = proofWords.whole
  if (layers === 0) return { all, others: one }
  if (unpacked === 0) return { all: `${all}, layers not unpacked`, others: `${one}, layers not unpacked` }
  if (unpacked === layers)
    return { all: proofWords.unpacked.all, others: `${one}, every layer ${proofWords.unpacked.one}` }
  const some = `${unpacked} of ${count(layers, 'layer')} ${proofWords.unpacked.one}`
  return { all: `${all}, ${some}`, others: `${one}, ${some}` }
}

function lastByteText({ sampled, notSampled }: Proof): string {
  const { all } = proofWords['last-byte']
  if (sampled === 1) return proofWords.sampled.all
  if (sampled > 1) return proofWords.sampled.all.replace('largest layer', `${sampled} largest layers`)
  return notSampled > 0 ? `${all}: the largest layer exceeds probe_budget` : all
}
