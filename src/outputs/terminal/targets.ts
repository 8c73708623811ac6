import { bytesText, count } from '../../core/units.ts'
import { shortDigest } from '../../oci/digest.ts'
import type { Report, ReportMember, ReportTarget } from '../../report/schema.ts'
import { clean } from './clean.ts'
import { mark, paint } from './paint.ts'

const indent = '          '
/** More faults of one platform say nothing new; the causes below count them all. */
const mostFaults = 3

/** The headline of a target: what it is and what it names. */
export function targetTitle(target: ReportTarget): string {
  const kind = target.kind ?? ''
  const names = target.digest ? `   ${kind} ${shortDigest(clean(target.digest))}` : ''
  return `${mark(target.status)} ${paint.bold('image')}   ${clean(target.reference)}${names}`
}

/** The lines below it: each platform, and what was proven of it or is wrong with it. */
export function targetLines(target: ReportTarget, depth: Report['depth']): string[] {
  const width = Math.max(14, ...target.members.map(({ platform }) => Math.min(40, clean(platform).length)))
  const lines = target.members.flatMap((member) => memberLines(member, depth, width))
  const extras = [
    ...(target.attestations > 0 ? [count(target.attestations, 'attestation')] : []),
    ...(target.referrers === undefined ? [] : [count(target.referrers, 'referrer')]),
  ]
  return [
    ...target.faults.map((fault) => `${indent}${clean(fault)}`),
    ...lines,
    ...(extras.length > 0 ? [`${indent}${paint.dim(`and ${extras.join(', ')}`)}`] : []),
  ]
}

function memberLines(member: ReportMember, depth: Report['depth'], width: number): string[] {
  const { platform, status, faults } = member
  const name = `${indent}${clean(platform || 'image').padEnd(width)} `
  if (status === 'off') return [`${name} ${mark('off')} not fetched by the mirror yet`]
  if (faults.length === 0) return [`${name} ${mark(status)} ${proven(member, depth)}`]
  const more = faults.length - mostFaults
  return [
    ...faults
      .slice(0, mostFaults)
      .map((fault, at) => `${at === 0 ? name : ' '.repeat(name.length)} ${mark(status)} ${clean(fault)}`),
    ...(more > 0 ? [`${' '.repeat(name.length)}   and ${count(more, 'other fault')}`] : []),
  ]
}

function proven({ status, objects, sizeBytes, proof, digest }: ReportMember, depth: Report['depth']): string {
  const size = `${count(objects, 'object')}, ${bytesText(sizeBytes)}`
  if (status === 'unknown') return `${shortDigest(clean(digest))}, ${size}: not all of it could be looked at`
  const unread = objects - 1 - proof.listed - proof.lastByte - proof.whole - proof.opened
  const claims = [
    ...(proof.opened > 0 ? [`${count(proof.opened, 'blob')} opened, end not proven`] : []),
    ...(unread > 0 ? [`${count(unread, 'layer')} hosted elsewhere, not read`] : []),
  ]
  const others = restText(proof, depth)
  if (claims.length > 0) return [size, ...claims, `the others ${others}`].join(', ')
  return `${size}, ${others === 'read whole' ? 'every byte read and hashed' : `every blob ${others}`}`
}

/** The weakest that was proven of the blobs that were read; configurations are always read whole. */
function restText(proof: ReportMember['proof'], depth: Report['depth']): string {
  if (proof.listed > 0) return 'listed (not read)'
  return proof.lastByte > 0 && depth !== 'full' ? 'readable to its last byte' : 'read whole'
}
