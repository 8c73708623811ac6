import { count } from '../../core/units.ts'
import type { Report, ReportMember } from '../../report/schema.ts'

type Proof = ReportMember['proof']

/** How many blobs of several images were proven, and how. */
export function sumOfProofs(members: readonly ReportMember[]): Proof {
  const total: Proof = { listed: 0, lastByte: 0, whole: 0, opened: 0 }
  for (const { proof } of members) {
    total.listed += proof.listed
    total.lastByte += proof.lastByte
    total.whole += proof.whole
    total.opened += proof.opened
  }
  return total
}

/** What was proven of so many blobs, and no more: the weakest proof counts for all that were read. */
export function proofText(proof: Proof, blobs: number, depth: Report['depth']): string {
  const unread = blobs - proof.listed - proof.lastByte - proof.whole - proof.opened
  const exceptions = [
    ...(proof.opened > 0 ? [`${count(proof.opened, 'blob')} opened, end not proven`] : []),
    ...(unread > 0 ? [`${count(unread, 'layer')} hosted elsewhere, not read`] : []),
  ]
  const rest = weakest(proof, depth)
  if (exceptions.length > 0) return [...exceptions, `the others: ${rest.some}`].join(', ')
  return rest.all
}

/** Configurations are always read whole. */
function weakest(proof: Proof, depth: Report['depth']): { all: string; some: string } {
  if (proof.listed > 0) return { all: 'every blob listed, contents not read', some: 'listed, not read' }
  return proof.lastByte > 0 && depth !== 'full'
    ? { all: 'last byte of every blob served', some: 'last byte served' }
    : { all: 'every byte read and hashed', some: 'read and hashed' }
}
