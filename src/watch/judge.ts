import { checks } from '../checks/index.ts'
import { runChecks } from '../checks/run.ts'
import type { Finding } from '../core/finding.ts'
import type { ImageFact, TargetFact } from '../facts/image.ts'
import { applyImage, faultOf } from '../facts/watch/read-image.ts'
import type { RepositoryState, WatchFault } from '../facts/watch/state.ts'
import type { Budget } from '../observe/image/budget.ts'
import type { BlobReader } from '../observe/watch/blobs.ts'
import type { WatchAccess, WatchedRegistry } from '../observe/watch/client.ts'
import { type ImagesRead, readImages } from '../observe/watch/images.ts'
import type { Repository } from '../oci/reference.ts'
import type { Settings } from '../settings/schema.ts'
import type { RunTally } from './tally.ts'

/** The checks of images; what keeps an image from being inspected is counted and is no fault of it. */
const imageChecks = checks.filter(({ group, id }) => group === 'image' && id !== 'run-stopped')

/** The classes of findings that metrics have. */
export const watchedClasses = imageChecks
  .filter(({ severity }) => severity !== 'note')
  .map(({ id, severity }) => ({ id, severity }))

interface Reading {
  access: WatchAccess
  watched: WatchedRegistry
  blobs: BlobReader
  budget: Budget
  tally: RunTally
}

/** Reads images of a repository, runs the checks, and records graphs and faults. */
export async function readAndJudge(
  { access, watched, blobs, budget, tally }: Reading,
  repository: RepositoryState,
  digests: readonly string[],
  second: boolean,
): Promise<void> {
  const { settings } = access
  const byHash = [...repository.objects.values()].filter(({ onlyByHash }) => onlyByHash)
  const read = await readImages(watched, repository.name, digests, { settings, budget, blobs, byHash })
  for (const { target, first } of read.targets)
    tally.looked(first, repository.name, `@${target.reference.digest}`)
  for (const { digest, observed, uses } of read.fact.manifests)
    if (uses.some(({ parent }) => parent !== '')) tally.looked(observed, repository.name, `@${digest}`)
  for (const { digest, observed } of read.fact.blobs) tally.looked(observed, repository.name, `@${digest}`)
  const findings = findingsIn(read, settings)
  const now = access.now()
  for (const { target, first } of read.targets) {
    const digest = target.reference.digest ?? ''
    applyImage(repository, { digest, first, repository: read.fact, findings }, now, { second })
  }
}

/** The fault of a tag that is listed, or was asked for by name, and is not there. */
export function tagFault(
  settings: Settings,
  at: Pick<Repository, 'registry' | 'apiHost'>,
  repository: string,
  tag: string,
  listed: string[],
  now: number,
): WatchFault | undefined {
  const refusal = { status: 404, code: 'MANIFEST_UNKNOWN', message: '' }
  const isNamed = settings.tags.includes(tag)
  const target: TargetFact = {
    target: { reference: { ...at, repository, tag } },
    first: {
      seen: true,
      value: {
        ...{ state: 'absent', refusal, waitedMs: 0 },
        ...(isNamed ? {} : { otherTags: { tags: listed, more: false } }),
      },
    },
  }
  const [finding] = judge(
    { depth: settings.depth, extent: 'whole', targets: [target], repositories: [] },
    [],
    settings,
  )
  return finding && faultOf(finding, { firstSeen: now, lastSeen: now })
}

const findingsIn = ({ fact, targets, quirks }: ImagesRead, settings: Settings): Finding[] =>
  judge({ depth: settings.depth, extent: 'whole', targets, repositories: [fact] }, quirks, settings)

function judge(image: ImageFact, quirks: ImagesRead['quirks'], settings: Settings): Finding[] {
  const facts = { image, registry: { quirks }, path: { hosts: [], requests: 0, bytes: 0, log: [], at: 0 } }
  const { results } = runChecks(imageChecks, facts, { ...settings, checks: ['image'] })
  return results.flatMap(({ findings }) => findings)
}
