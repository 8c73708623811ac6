import type { Group } from '../../core/groups.ts'
import type { Target } from '../../facts/image.ts'
import { isLoopback } from '../../net/address-class.ts'
import { parseDigest } from '../../oci/digest.ts'
import { type Platform, parsePlatform } from '../../oci/platform.ts'
import { parseRepository, type Reference, type Repository, referenceName } from '../../oci/reference.ts'
import type { Commit } from '../ci/commit.ts'
import { settingFor } from '../names.ts'
import type { Problem } from '../problem.ts'
import type { SettingName, Settings } from '../schema.ts'
import type { Env } from '../sources.ts'
import { type Endpoint, parseEndpoints } from './endpoints.ts'
import { insecureNotes, isInsecure } from './insecure.ts'
import { listenAt } from './listen.ts'
import { type Listener, listenerProblem, parseListener } from './listeners.ts'
import { amazonNote, type Login, loginsOf, registryHost } from './logins.ts'
import { type CoverageMirror, parseMirrors } from './mirror-coverage.ts'
import { parseExpectedPins, parseInternalAddresses, parseNames } from './names.ts'
import { namedReferences } from './references.ts'
import { parseS3Location, type S3Location } from './s3-location.ts'

/** The contents of files that record a push. They are read before, because this stage is pure. */
export interface PushRecord {
  /** From `tags_file`. */
  tags?: string[]
  /** From a file `.tags` in the workspace, which build plugins read without a setting. */
  dotTags?: string[]
  digest?: { value: string; from: string }
  /** Full references, from buildx's `image.name` or the artifact file of Drone's plugins. */
  images: string[]
  /** The setting that names the file with `images`. */
  imagesFrom?: string
}

/** What a run verifies, and with which logins. */
export interface Plan {
  targets: Target[]
  logins: Login[]
  platforms: Platform[]
  /** The registry whose tags are all verified as well. */
  catalog?: Pick<Repository, 'registry' | 'apiHost'>
  /** Ports of the runner that must answer. */
  listeners: Listener[]
  /** URLs to probe besides the images. */
  endpoints: Endpoint[]
  /** Where a probe serves its report. */
  listen?: { host: string; port: number }
  /** Names to look up besides those of the path. */
  names: string[]
  /** Mirrors that are asked which of the images they hold. */
  mirrors: CoverageMirror[]
  /** The bucket of the registry, if `storage` names one. */
  s3?: S3Location
  /** Printed before the run: what is not verified, and why. */
  notes: string[]
  /** Why the run is skipped: nothing was pushed, and that is not a mistake. */
  skipReason?: string
}

/** What a plan is made from besides the settings. */
export interface PlanContext {
  /** The names of all settings that were given, build settings included. */
  given?: Iterable<string>
  /** The inputs of an action that were passed without a value. */
  empty?: ReadonlySet<SettingName>
  commit?: Commit
  /** The step's environment, for the credentials of a bucket. */
  env?: Env
}

/** The groups that need no image. */
const withoutImages: ReadonlySet<Group> = new Set(['runner', 'storage', 'cluster'])

/** Plans what a run verifies, or reports every problem at once, including the `earlier` ones. */
export function planTargets(
  settings: Settings,
  record: PushRecord,
  earlier: Problem[] = [],
  { given = [], empty = new Set(), commit = {}, env = {} }: PlanContext = {},
): { ok: true; value: Plan } | { ok: false; problems: Problem[] } {
  const problems: Problem[] = [...earlier]
  const { tags: file, dotTags, images, imagesFrom: from = 'metadata_file' } = record
  const sources = { given, empty, commit, ...(file ? { file } : {}), ...(dotTags ? { dotTags } : {}) }
  const { references, notes, noTagsReason } = namedReferences(settings, sources, { from, images }, problems)
  const expected = expectedDigest(settings, record, problems)
  reportUnusedDigest(settings, references, problems)
  const platforms = expectedPlatforms(settings, problems)
  const registries = references.map(({ registry }) => registry)
  const logins = loginsOf(settings, registries, problems)
  const catalog = catalogOf(settings, problems)
  const listeners = listenersOf(settings, problems)
  const endpoints = parseEndpoints(
    settings.endpoints,
    problems,
    (url) => isInsecure(settings, url.host) || isLoopback(url.hostname),
  )
  const listen = settings.mode === 'probe' ? listenAt(settings.listen, problems) : undefined
  const names = namesOf(settings, problems)
  const s3 = parseS3Location(settings, env, problems)
  const mirrors = parseMirrors(
    settings,
    new Set([...given].flatMap((name) => settingFor(name) ?? [])),
    problems,
  )
  const isForPath =
    endpoints.length + names.length > 0 &&
    settings.checks.every((group) => group === 'path' || group === 'storage')
  const isWithoutImages =
    settings.mode === 'cluster' || settings.checks.every((group) => withoutImages.has(group))
  const localReason = settings.push ? notPushedReason(settings.output) : 'push: false: nothing was pushed'
  const skipReason = localReason ?? noTagsReason
  if (
    references.length === 0 &&
    !catalog &&
    !isWithoutImages &&
    !isForPath &&
    skipReason === undefined &&
    problems.length === 0
  ) {
    problems.push({
      setting: 'repo',
      message: nothingToVerify(empty),
      fix: { repo: 'registry.example.com/team/app', tags: ['latest'] },
    })
  }
  if (problems.length > 0) return { ok: false, problems }
  const amazon = amazonNote(given, settings, registries, logins)
  const isSkipped = !catalog && !isWithoutImages && (localReason !== undefined || references.length === 0)
  return {
    ok: true,
    value: {
      targets: isWithoutImages
        ? []
        : unique(references).map((reference) => withExpected(reference, expected)),
      logins,
      platforms,
      listeners,
      endpoints,
      names,
      mirrors,
      ...(listen ? { listen } : {}),
      ...(catalog ? { catalog } : {}),
      ...(s3 ? { s3 } : {}),
      notes: [
        ...(skipReason === undefined || isSkipped ? [] : [skipReason]),
        ...notes,
        ...(amazon === undefined ? [] : [amazon]),
        ...insecureNotes(settings, registries),
      ],
      ...(isSkipped && skipReason !== undefined ? { skipReason } : {}),
    },
  }
}

function namesOf(settings: Settings, problems: Problem[]): string[] {
  const pins = parseExpectedPins(settings, problems)?.pins ?? []
  parseInternalAddresses(settings, problems)
  return [...new Set([...parseNames(settings, problems), ...pins.map(({ name }) => name)])]
}

function nothingToVerify(empty: ReadonlySet<SettingName>): string {
  const names = (['repo', 'images', 'tags'] as const).filter((name) => empty.has(name))
  return names.length > 0
    ? `nothing to verify: ${names.join(', ')} arrived empty. If a value is the output of another step, check the id in \${{ steps.ID.outputs.tags }}`
    : 'nothing to verify: set repo and tags, or images, or pass a reference as an argument'
}

/** Why this buildx `output` pushes nothing; undefined if it may push. A path alone is `type=local`. */
function notPushedReason(output: string | undefined): string | undefined {
  if (output === undefined || /(?:^|,)push=true(?:,|$)/.test(output)) return undefined
  const [, type = output.includes('=') ? '' : 'local'] = /(?:^|,)type=([a-z]+)/.exec(output) ?? []
  const option = /(?:^|,)push=false(?:,|$)/.test(output) ? 'push=false' : type && `type=${type}`
  if (option !== 'push=false' && !['oci', 'tar', 'local'].includes(type)) return undefined
  return `output with ${option} pushes nothing`
}

function listenersOf({ listeners }: Settings, problems: Problem[]): Listener[] {
  return listeners.flatMap((item) => {
    const listener = parseListener(item)
    if (!listener) problems.push({ setting: 'listeners', value: item, message: listenerProblem })
    return listener ?? []
  })
}

function catalogOf(settings: Settings, problems: Problem[]): Plan['catalog'] {
  if (!settings.catalog) return undefined
  const host = settings.registry === undefined ? '' : registryHost(settings.registry)
  const parsed = parseRepository(`${host}/catalog`)
  if (parsed.ok && host !== '' && host !== 'docker.io') return parsed.value
  problems.push({
    setting: 'registry',
    message: 'must name the registry to verify with catalog; Docker Hub has no catalog',
  })
  return undefined
}

function expectedDigest(settings: Settings, record: PushRecord, problems: Problem[]): Target['expected'] {
  const digest = settings.expect_digest
  const recorded = record.digest && { digest: record.digest.value, from: record.digest.from }
  if (digest === undefined) return recorded
  if (recorded && recorded.digest !== digest) {
    problems.push({
      setting: 'expect_digest',
      value: digest,
      message: `differs from ${recorded.digest} in ${recorded.from}; keep one of them`,
    })
  }
  if (parseDigest(digest)) return { digest, from: 'expect_digest' }
  problems.push({
    setting: 'expect_digest',
    value: digest,
    message: 'must have the form sha256:<64 hex digits>',
  })
  return undefined
}

/** An expected digest is for tags; an image that is named by its own digest never has another. */
function reportUnusedDigest(
  { expect_digest: digest }: Settings,
  references: Reference[],
  problems: Problem[],
): void {
  const [first] = references
  if (digest === undefined || first === undefined) return
  if (references.some((one) => one.digest === undefined || one.digest === digest)) return
  const message = `is not used: ${referenceName(first)} is named by its own digest`
  problems.push({ setting: 'expect_digest', value: digest, message })
}

function expectedPlatforms(settings: Settings, problems: Problem[]): Platform[] {
  return settings.platforms.flatMap((text) => {
    const platform = parsePlatform(text)
    if (platform) return [platform]
    problems.push({
      setting: 'platforms',
      value: text,
      message: 'must have the form linux/amd64 or linux/arm/v7',
    })
    return []
  })
}

function unique(references: Reference[]): Reference[] {
  return [...new Map(references.map((reference) => [referenceName(reference), reference])).values()]
}

const withExpected = (reference: Reference, expected: Target['expected']): Target => ({
  reference,
  ...(expected && reference.digest === undefined ? { expected } : {}),
})
