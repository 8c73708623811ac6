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
export interface ImageEntry {
  target: ReportTarget
  /** Further tags of the same digest. */
  alsoTagged: string[]
}

/** One block of lines: a title, and the details below it. */
export interface Block {
  title: string
  lines: string[]
}

/** The images of a run, each digest once, and which of them an output lists. */
export interface ImageList {
  /** All of them, or, of very many, the first that are not well. */
  listed: ImageEntry[]
  /** Further images that are not well. */
  unlisted: number
  /** Healthy images that are only counted. */
  counted: ImageEntry[]
}

/** Chooses what is listed: a reader wants to see each of a few, and of very many those that are not well. */
export function chooseImages(targets: readonly ReportTarget[]): ImageList {
  const entries = entriesOf(targets)
  const healthy = entries.filter(({ target }) => target.status === 'pass')
  const faulty = entries.filter(({ target }) => target.status !== 'pass')
  if (healthy.length <= maxHealthy && faulty.length <= maxFaulty)
    return { listed: entries, unlisted: 0, counted: [] }
  const unlisted = Math.max(0, faulty.length - maxFaulty)
  return { listed: faulty.slice(0, maxFaulty), unlisted, counted: healthy }
}

/** The blocks of a run's images, and what could not be observed of them. */
export function imageBlocks(report: Report): Block[] {
  const { listed, unlisted, counted } = chooseImages(report.targets)
  const blocks = listed.map((entry) => blockOf(entry))
  if (unlisted > 0) {
    const more = count(unlisted, 'more image that is not well', 'more images that are not well')
    blocks.push({ title: `${indent}and ${more}; report_json lists them all`, lines: [] })
  }
  if (counted.length > 0) blocks.push(summaryOf(counted))
  const [missing] = missingLines(report)
  return missing === undefined ? blocks : [...blocks, { title: missing, lines: [] }]
}

/** What could not be observed of the images. */
function missingLines({ groups, totals }: Report): string[] {
  // A target that was not observed at all says so itself.
  if (totals.seen === totals.objects) return []
  return groups
    .filter(({ group, missing }) => missing > 0 && group === 'image')
    .map(
      ({ missing, why }) =>
        `${indent}not observed: ${count(missing, 'request')} failed${why ? ` (${clean(why)})` : ''}`,
    )
}

/** Tags by the digest that they name, in the order they were named. */
export function entriesOf(targets: readonly ReportTarget[]): ImageEntry[] {
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
/** A reference without its tag and digest. */
export const repositoryOf = (reference: string): string =>
  nameEnd(reference) < 0 ? reference : reference.slice(0, nameEnd(reference))
const tagOf = (reference: string): string => reference.slice(nameEnd(reference) + 1)

function blockOf({ target, alsoTagged }: ImageEntry): Block {
  const also = alsoTagged.length > 0 ? ` (also ${clean(alsoTagged.join(', '))})` : ''
  const digest = target.digest ? `   ${target.kind ?? ''} ${shortDigest(clean(target.digest))}` : ''
  const title = `${mark(target.status)} ${paint.bold('image')}   ${clean(target.reference)}${also}${digest}`
  return target.status === 'pass' && target.objects > 0
    ? { title: `${title} · ${provenText([target])}`, lines: [] }
    : { title, lines: detailLines(target) }
}

/** What was proven of healthy images, all together: platforms, size and proof. */
function provenText(targets: readonly ReportTarget[]): string {
  const members = targets.flatMap((target) => target.members)
  const platforms = [...new Set(members.flatMap(({ platform }) => (platform ? [platform] : [])))]
  const objects = targets.reduce((sum, target) => sum + target.objects, 0)
  const bytes = targets.reduce((sum, target) => sum + target.sizeBytes, 0)
  const proof = sumOfProofs(targets)
  const shown = platforms.length > 4 ? count(platforms.length, 'platform') : clean(platforms.join(', '))
  return [
    [shown, ...extrasOf(targets)].filter(Boolean).join(', '),
    `${count(objects, 'object')}, ${bytesText(bytes)}`,
    proofText(proof),
  ]
    .filter(Boolean)
    .join(' · ')
}

/** What was pushed beside the platform images. */
function extrasOf(targets: readonly ReportTarget[]): string[] {
  const attestations = targets.reduce((sum, target) => sum + target.attestations, 0)
  const referrers = targets.flatMap((target) => target.referrers ?? [])
  return [
    ...(attestations > 0 ? [count(attestations, 'attestation')] : []),
    ...(referrers.length > 0
      ? [
          count(
            referrers.reduce((sum, found) => sum + found, 0),
            'referrer',
          ),
        ]
      : []),
  ]
}

function summaryOf(entries: readonly ImageEntry[]): Block {
  const targets = entries.map(({ target }) => target)
  const tags = entries.reduce((sum, { alsoTagged }) => sum + 1 + alsoTagged.length, 0)
  const repositories = new Set(targets.map(({ reference }) => repositoryOf(reference))).size
  const many = `${count(tags, 'tag')} of ${count(entries.length, 'image')} in ${count(repositories, 'repository', 'repositories')}`
  return {
    title: `${mark('pass')} ${paint.bold('image')}   ${many} · ${provenText(targets)}`,
    lines: [],
  }
}

/** Each platform, and what was proven of it or is wrong with it. */
function detailLines(target: ReportTarget): string[] {
  const width = Math.max(14, ...target.members.map(({ platform }) => Math.min(40, clean(platform).length)))
  const extras = extrasOf([target])
  return [
    ...target.faults.map((fault) => `${indent}${clean(fault)}`),
    ...target.members.flatMap((member) => memberLines(member, width)),
    ...(extras.length > 0 ? [`${indent}${paint.dim(`and ${extras.join(', ')}`)}`] : []),
  ]
}

function memberLines(member: ReportMember, width: number): string[] {
  const { platform, status, faults } = member
  const name = `${indent}${clean(platform || 'image').padEnd(width)} `
  if (status === 'off') return [`${name} ${mark('off')} not served by the mirror`]
  if (faults.length === 0) return [`${name} ${mark(status)} ${memberText(member)}`]
  const more = faults.length - maxFaults
  return [
    ...faults
      .slice(0, maxFaults)
      .map((fault, at) => `${at === 0 ? name : ' '.repeat(name.length)} ${mark(status)} ${clean(fault)}`),
    ...(more > 0 ? [`${' '.repeat(name.length)}   and ${count(more, 'other fault')}`] : []),
  ]
}

function memberText({ status, objects, sizeBytes, proof, digest }: ReportMember): string {
  const size = `${count(objects, 'object')}, ${bytesText(sizeBytes)}`
  if (status === 'unknown') return `${shortDigest(clean(digest))}, ${size}: not all of it could be inspected`
  return [size, proofText(proof)].filter(Boolean).join(', ')
}
