import { bytesText, count } from '../../core/units.ts'
import { shortDigest } from '../../oci/digest.ts'
import type { Report, ReportMember, ReportTarget } from '../../report/schema.ts'
import { clean } from './clean.ts'
import { mark, paint } from './paint.ts'
import { proofText, sumOfProofs } from './proof.ts'

const indent = '          '
/** More faults of one platform say nothing new; the causes below count them all. */
const maxFaults = 3
/** A run of more healthy images than this prints how many they are; one of more with faults prints the first of them. */
const maxHealthy = 10
const maxFaulty = 20

/** Tags that name one digest of one repository, and stand alike: they share one entry. */
interface ImageEntry {
  target: ReportTarget
  /** Further tags of the same digest. */
  alsoTagged: string[]
}

/** One block of lines: a title, and the details below it. */
export interface Block {
  title: string
  lines: string[]
}

/** The images of a run: each digest once; of very many, those that are not well, and how many the others are. */
export function imageBlocks({ targets, depth }: Pick<Report, 'targets' | 'depth'>): Block[] {
  const entries = entriesOf(targets)
  const healthy = entries.filter(({ target }) => target.status === 'pass')
  const faulty = entries.filter(({ target }) => target.status !== 'pass')
  if (healthy.length <= maxHealthy && faulty.length <= maxFaulty)
    return entries.map((entry) => blockOf(entry, depth))
  const more = faulty.length - maxFaulty
  return [
    ...faulty.slice(0, maxFaulty).map((entry) => blockOf(entry, depth)),
    ...(more > 0
      ? [
          {
            title: `${indent}and ${count(more, 'more image')} not well; report_json lists them all`,
            lines: [],
          },
        ]
      : []),
    ...(healthy.length > 0 ? [summaryOf(healthy, depth)] : []),
  ]
}

function entriesOf(targets: readonly ReportTarget[]): ImageEntry[] {
  const alike = Map.groupBy(targets, (target) =>
    target.digest === undefined
      ? target.reference
      : JSON.stringify([repositoryOf(target.reference), target.digest, target.status, target.faults]),
  )
  return [...alike.values()].flatMap(([target, ...others]) =>
    target ? [{ target, alsoTagged: others.map(({ reference }) => tagOf(reference)) }] : [],
  )
}

const nameEnd = (reference: string): number => {
  const digest = reference.indexOf('@')
  const tag = reference.lastIndexOf(':', digest < 0 ? undefined : digest)
  return tag > reference.lastIndexOf('/', digest < 0 ? undefined : digest) ? tag : digest
}
const repositoryOf = (reference: string): string =>
  nameEnd(reference) < 0 ? reference : reference.slice(0, nameEnd(reference))
const tagOf = (reference: string): string => reference.slice(nameEnd(reference) + 1)

function blockOf({ target, alsoTagged }: ImageEntry, depth: Report['depth']): Block {
  const also = alsoTagged.length > 0 ? ` (also ${clean(alsoTagged.join(', '))})` : ''
  const digest = target.digest ? `   ${target.kind ?? ''} ${shortDigest(clean(target.digest))}` : ''
  const title = `${mark(target.status)} ${paint.bold('image')}   ${clean(target.reference)}${also}${digest}`
  return target.status === 'pass' && target.members.length > 0
    ? { title: `${title} · ${provenText([target], depth)}`, lines: [] }
    : { title, lines: detailLines(target, depth) }
}

/** What was proven of healthy images, all together: platforms, size and proof. */
function provenText(targets: readonly ReportTarget[], depth: Report['depth']): string {
  const members = targets.flatMap((target) => target.members)
  const platforms = [...new Set(members.flatMap(({ platform }) => (platform ? [platform] : [])))]
  const objects = members.reduce((sum, member) => sum + member.objects, 0)
  const bytes = members.reduce((sum, member) => sum + member.sizeBytes, 0)
  const shown = platforms.length > 4 ? count(platforms.length, 'platform') : clean(platforms.join(', '))
  return [
    ...(shown ? [shown] : []),
    `${count(objects, 'object')}, ${bytesText(bytes)}`,
    proofText(sumOfProofs(members), objects - members.length, depth),
  ].join(' · ')
}

function summaryOf(entries: readonly ImageEntry[], depth: Report['depth']): Block {
  const targets = entries.map(({ target }) => target)
  const tags = entries.reduce((sum, { alsoTagged }) => sum + 1 + alsoTagged.length, 0)
  const repositories = new Set(targets.map(({ reference }) => repositoryOf(reference))).size
  const many = `${count(tags, 'tag')} of ${count(entries.length, 'image')} in ${count(repositories, 'repository', 'repositories')}`
  return {
    title: `${mark('pass')} ${paint.bold('image')}   ${many} · ${provenText(targets, depth)}`,
    lines: [],
  }
}

/** Each platform, and what was proven of it or is wrong with it. */
function detailLines(target: ReportTarget, depth: Report['depth']): string[] {
  const width = Math.max(14, ...target.members.map(({ platform }) => Math.min(40, clean(platform).length)))
  const extras = [
    ...(target.attestations > 0 ? [count(target.attestations, 'attestation')] : []),
    ...(target.referrers === undefined ? [] : [count(target.referrers, 'referrer')]),
  ]
  return [
    ...target.faults.map((fault) => `${indent}${clean(fault)}`),
    ...target.members.flatMap((member) => memberLines(member, depth, width)),
    ...(extras.length > 0 ? [`${indent}${paint.dim(`and ${extras.join(', ')}`)}`] : []),
  ]
}

function memberLines(member: ReportMember, depth: Report['depth'], width: number): string[] {
  const { platform, status, faults } = member
  const name = `${indent}${clean(platform || 'image').padEnd(width)} `
  if (status === 'off') return [`${name} ${mark('off')} not cached by the mirror yet`]
  if (faults.length === 0) return [`${name} ${mark(status)} ${memberText(member, depth)}`]
  const more = faults.length - maxFaults
  return [
    ...faults
      .slice(0, maxFaults)
      .map((fault, at) => `${at === 0 ? name : ' '.repeat(name.length)} ${mark(status)} ${clean(fault)}`),
    ...(more > 0 ? [`${' '.repeat(name.length)}   and ${count(more, 'other fault')}`] : []),
  ]
}

function memberText(
  { status, objects, sizeBytes, proof, digest }: ReportMember,
  depth: Report['depth'],
): string {
  const size = `${count(objects, 'object')}, ${bytesText(sizeBytes)}`
  if (status === 'unknown') return `${shortDigest(clean(digest))}, ${size}: not all of it could be inspected`
  return `${size}, ${proofText(proof, objects - 1, depth)}`
}
