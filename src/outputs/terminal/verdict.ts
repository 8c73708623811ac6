import { stripVTControlCharacters } from 'node:util'
import type { Group } from '../../core/groups.ts'
import { count, durationText } from '../../core/units.ts'
import type { Report } from '../../report/schema.ts'
import { clean } from './clean.ts'
import { entriesOf, repositoryOf } from './images.ts'
import { mark, paint } from './paint.ts'
import { proofText, sumOfProofs } from './proof.ts'

/** The first line: tool, run and image. */
export function headline(report: Report): string {
  return [...runText(report), clean(subjectOf(report))].join(' · ')
}

/** The tool, and the run on its CI system. */
export function runText({ ci, tool }: Pick<Report, 'ci' | 'tool'>): string[] {
  const run = [ci.event, ci.subject, ci.number].filter(Boolean).join(' ')
  const parts = [`${tool.name} ${tool.version}`, ci.platform === 'plain' ? '' : ci.platform, clean(run)]
  return parts.filter(Boolean)
}

/** What a run is about: images, endpoints, a runner, a storage or a cluster. */
export function subjectOf(report: Report): string {
  if (isAbout(report, 'runner')) return 'the runner'
  if (isAbout(report, 'storage')) return `storage ${report.storage?.root ?? ''}`
  if (report.cluster) return `cluster ${report.cluster.context ?? report.cluster.server}`
  return aboutText(report.targets, report.legs ?? [])
}

/** The images, or the endpoints of a run without any. */
function aboutText(targets: Report['targets'], legs: NonNullable<Report['legs']>): string {
  const endpoints = legs.filter(({ step }) => step === 'endpoint').length
  return targets.length === 0 && endpoints > 0 ? count(endpoints, 'endpoint') : imagesText(targets)
}

/** The one image, or how many tags there are and where. */
function imagesText(targets: Report['targets']): string {
  const [first, ...others] = targets
  if (first === undefined) return 'no image'
  if (others.length === 0) return first.reference
  const repositories = new Set(targets.map(({ reference }) => repositoryOf(reference)))
  const tags = count(targets.length, 'tag')
  return repositories.size === 1
    ? `${tags} of ${[...repositories].join()}`
    : `${tags} in ${count(repositories.size, 'repository', 'repositories')}`
}

/** Whether a run is about this group alone. */
const isAbout = ({ targets, groups }: Report, wanted: Group): boolean =>
  targets.length === 0 && groups.every(({ group, status }) => (group === wanted) === (status !== 'off'))

/** At most so many faults are put in order. */
const maxOrdered = 4

/** Where image and path are both at fault: what was met first, and whether the image itself was inspected whole. */
export function orderLines({ order = [], totals }: Report): string[] {
  if (order.length === 0) return []
  const met = order
    .slice(0, maxOrdered)
    .map(({ id, afterMs, url }) => `${id} after ${durationText(afterMs)} (${clean(url, 160)})`)
  const unseen = totals.objects - totals.seen
  const proven =
    unseen === 0
      ? 'The image itself was inspected whole'
      : `Of the image itself ${count(unseen, 'object')} of ${totals.objects} could not be inspected, so more may be wrong with it`
  return [`In the order met: ${met.join(', then ')}. ${proven}.`]
}

/** Where the run can be seen, for a log that is sent on to somebody else; nothing where all is well. */
export function runLines({ ci, causes }: Report): string[] {
  const faulty = causes.some(({ severity }) => severity !== 'note')
  // How to rebuild names it already.
  const linked = causes.some(({ rebuild }) => rebuild !== undefined)
  return faulty && !linked && ci.url !== undefined ? [paint.dim(`This run: ${clean(ci.url)}`)] : []
}

/** The last line: the verdict, how each group stands, how much was inspected, and the exit code. */
export function verdictLine(report: Report): string {
  const { totals, groups, exitCode, durationMs } = report
  const causes = `${count(totals.causes, 'cause')}, ${count(totals.findings, 'finding')}`
  // With `fail_on: never` a run passes with an image that does not.
  const passed = exitCode === 0 && report.targets.every(({ status }) => status !== 'fail')
  const proven = totals.causes > 0 && !passed ? [] : [provenText(report)]
  const found = [...proven, ...(totals.causes > 0 ? [causes] : [])].filter(Boolean).join(', ')
  const stands = groups
    .filter(({ status }) => status !== 'off')
    .map(({ group, status }) => `${group} ${mark(status)}`)
  const inspected = isOff(report, 'image') ? '' : `${objectsText(totals)}, `
  const unwritten = (report.unwritten ?? []).map((setting) => `${setting} not written`)
  return [
    `${word(report)}    ${found}`,
    ...stands,
    `${inspected}${durationText(durationMs)}`,
    ...unwritten,
    `exit ${exitCode}`,
  ].join(' · ')
}

/** How each group stands, and how the run ended, without colours. */
export const groupsText = (report: Report): string =>
  stripVTControlCharacters(verdictLine(report)).replace(/ {2,}/g, ' · ')

/** How many objects were inspected. */
export const objectsText = ({ seen, objects }: Report['totals']): string =>
  seen === objects ? count(objects, 'object') : `${seen} of ${count(objects, 'object')} inspected`

const isOff = ({ groups }: Report, wanted: Group): boolean =>
  groups.some(({ group, status }) => group === wanted && status === 'off')

/** The verdict in one word, for outputs. */
export function verdictName({
  exitCode,
}: Pick<Report, 'exitCode'>): 'ok' | 'findings' | 'unchecked' | 'stopped' {
  if (exitCode === 0) return 'ok'
  if (exitCode === 1) return 'findings'
  return exitCode === 3 ? 'unchecked' : 'stopped'
}

function word(report: Report): string {
  const name = isOnlyUnwritten(report) ? 'ok' : verdictName(report)
  if (name === 'ok') return paint.green('PASSED')
  if (name === 'findings') return paint.red('FAILED')
  return paint.yellow(name === 'unchecked' ? 'NOT CHECKED' : 'STOPPED')
}

/** All is well but for a report file: 2 is the exit code of nothing else after a verification. */
const isOnlyUnwritten = ({ exitCode, unwritten }: Report): boolean =>
  exitCode === 2 && unwritten !== undefined

/** What was proven, of a run without findings; else why it ended or what is missing. */
export function provenText(report: Report): string {
  const { targets, stopped, exitCode } = report
  if (exitCode !== 0 && !isOnlyUnwritten(report)) return stopped ? clean(stopped) : notInspected(report)
  // Findings that do not fail the run, as warnings, or with `fail_on: never`, are counted beside it.
  if (isOff(report, 'image')) return report.totals.causes > 0 ? '' : 'no problems found'
  const names = targets.flatMap(({ members }) => members.map(({ platform }) => platform))
  const platforms = new Set(names.filter((name) => name !== '')).size
  const images = count(entriesOf(targets).length, 'image')
  const tags = targets.length > 1 ? ` under ${count(targets.length, 'tag')}` : ''
  // A chart or a build cache has no platform.
  const platformsText = platforms > 0 ? count(platforms, 'platform') : ''
  return [`${images}${tags}`, platformsText, proofOfAll(targets)].filter(Boolean).join(', ')
}

/** What was proven of the blobs, in the words of the images' lines; nothing where one of them is not well. */
const proofOfAll = (targets: Report['targets']): string =>
  targets.every(({ status }) => status === 'pass')
    ? proofText(sumOfProofs(entriesOf(targets).map(({ target }) => target)))
    : ''

/** Which required group could not be inspected, where no cause says why. */
function notInspected({ groups }: Report): string {
  const lacking = groups.find(
    ({ required, status }) => required && (status === 'unknown' || status === 'off'),
  )
  const why = lacking?.why === undefined ? '' : ` (${lacking.group}: ${clean(lacking.why)})`
  return `no problems found, but not everything could be inspected${why}`
}
