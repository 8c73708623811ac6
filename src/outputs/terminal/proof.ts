import { count } from '../../core/units.ts'
import type { Report, ReportMember } from '../../report/schema.ts'

type Proof = ReportMember['proof']

/** How many blobs of several images were proven, and how. */
export function sumOfProofs(images: readonly { proof: Proof }[]): Proof {
  const total: Proof = { listed: 0, lastByte: 0, whole: 0, opened: 0, unread: 0 }
  for (const { proof } of images) {
    total.listed += proof.listed
    total.lastByte += proof.lastByte
    total.whole += proof.whole
    total.opened += proof.opened
    total.unread += proof.unread
  }
  return total
}

/** What was proven of blobs without a fault, and no more: the weakest proof counts for all that were read. */
export function proofText(proof: Proof, depth: Report['depth']): string {
  const exceptions = [
    ...(proof.opened > 0 ? [`${count(proof.opened, 'blob')} opened, end not proven`] : []),
    ...(proof.unread > 0 ? [`${count(proof.unread, 'layer')} hosted elsewhere, not read`] : []),
  ]
  const { all, others } = weakest(proof, depth)
  return exceptions.length > 0 ? [...exceptions, `the others: ${others}`].join(', ') : all
}

/** Configurations are always read whole. */
function weakest(proof: Proof, depth: Report['depth']): { all: string; others: string } {
  if (proof.listed > 0) return { all: 'every blob listed, contents not read', others: 'listed, not read' }
  return proof.lastByte > 0 && depth !== 'full'
    ? { all: 'last byte of every blob served', others: 'last byte served' }
    : { all: 'every byte read and hashed', others: 'read and hashed' }
}
