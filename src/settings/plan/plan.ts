import type { Target } from '../../facts/image.ts'
import { parseDigest } from '../../oci/digest.ts'
import { type Platform, parsePlatform } from '../../oci/platform.ts'
import { parseRepository, type Reference, type Repository, referenceName } from '../../oci/reference.ts'
import type { Commit } from '../ci/commit.ts'
import type { Problem } from '../problem.ts'
import type { Settings } from '../schema.ts'
import { type Listener, listenerProblem, parseListener } from './listeners.ts'
import { amazonNote, type Login, loginsOf, registryHost } from './logins.ts'
import { namedReferences } from './references.ts'

/** What the files that settings name say; read beforehand, because this stage reads nothing. */
export interface PushRecord {
  /** From `tags_file`. */
  tags?: string[]
  /** From a file `.tags` in the workspace, which build plugins read unasked. */
  dotTags?: string[]
  digest?: { value: string; from: string }
  /** Whole references, from buildx's `image.name`. */
  images: string[]
}

/** What a run is to look at, and with which logins. */
export interface Plan {
  targets: Target[]
  logins: Login[]
  platforms: Platform[]
  /** The registry whose every tag is verified, too. */
  catalog?: Pick<Repository, 'registry' | 'apiHost'>
  /** Ports of the runner that must answer. */
  listeners: Listener[]
  /** What has to be said beforehand: what is left out, and why. */
  notes: string[]
  /** Why there is nothing to verify, where that is no mistake: nothing was pushed. */
  nothing?: string
}

/** What a run is told beside its settings. */
export interface Surroundings {
  /** The names of all settings that were given, those of the build included. */
  given?: Iterable<string>
  commit?: Commit
}

/** From settings to what is looked at, or to every mistake at once, those included that were found `earlier`. */
export function planTargets(
  settings: Settings,
  record: PushRecord,
  earlier: Problem[] = [],
  { given = [], commit = {} }: Surroundings = {},
): { ok: true; value: Plan } | { ok: false; problems: Problem[] } {
  const problems: Problem[] = [...earlier]
  const { tags: file, dotTags, images } = record
  const sources = { given, commit, ...(file ? { file } : {}), ...(dotTags ? { dotTags } : {}) }
  const { references, notes, nothing: untagged } = namedReferences(settings, sources, images, problems)
  const expected = expectedDigest(settings, record, problems)
  const platforms = expectedPlatforms(settings, problems)
  const registries = references.map(({ registry }) => registry)
  const logins = loginsOf(settings, registries, problems)
  const catalog = catalogOf(settings, problems)
  const listeners = listenersOf(settings, problems)
  const runnerOnly = settings.checks.every((group) => group === 'runner')
  const nothing = unpushed(settings.output) ?? untagged
  if (references.length === 0 && !catalog && !runnerOnly && nothing === undefined && problems.length === 0) {
    problems.push({
      setting: 'repo',
      message: 'nothing to verify: set repo and tags, or images, or name a reference as an argument',
      fix: { repo: 'registry.example.com/team/app', tags: ['latest'] },
    })
  }
  if (problems.length > 0) return { ok: false, problems }
  const amazon = amazonNote(given, settings, registries, logins)
  const idle = !catalog && (unpushed(settings.output) !== undefined || references.length === 0)
  return {
    ok: true,
    value: {
      targets: runnerOnly ? [] : unique(references).map((reference) => withExpected(reference, expected)),
      logins,
      platforms,
      listeners,
      ...(catalog ? { catalog } : {}),
      notes: [
        ...(nothing === undefined || idle ? [] : [nothing]),
        ...notes,
        ...(amazon === undefined ? [] : [amazon]),
      ],
      ...(idle && nothing !== undefined ? { nothing } : {}),
    },
  }
}

/** Why this output of buildx pushes nothing; undefined where it may push. A path alone is `type=local`. */
function unpushed(output: string | undefined): string | undefined {
  if (output === undefined || /(?:^|,)push=true(?:,|$)/.test(output)) return undefined
  const [, type = output.includes('=') ? '' : 'local'] = /(?:^|,)type=([a-z]+)/.exec(output) ?? []
  const only = /(?:^|,)push=false(?:,|$)/.test(output) ? 'push=false' : type && `type=${type}`
  if (only !== 'push=false' && !['oci', 'tar', 'local'].includes(type)) return undefined
  return `output with ${only} pushes nothing`
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
    message: 'must name the registry whose catalog is to be verified; Docker Hub has none',
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
      message: `${recorded.from} says ${recorded.digest}; which of them is expected?`,
    })
  }
  if (parseDigest(digest)) return { digest, from: 'expect_digest' }
  problems.push({ setting: 'expect_digest', value: digest, message: 'must look like sha256:<64 hex digits>' })
  return undefined
}

function expectedPlatforms(settings: Settings, problems: Problem[]): Platform[] {
  return settings.platforms.flatMap((text) => {
    const platform = parsePlatform(text)
    if (platform) return [platform]
    problems.push({
      setting: 'platforms',
      value: text,
      message: 'must look like linux/amd64 or linux/arm/v7',
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
