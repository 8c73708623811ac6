import type { Target } from '../model.ts'
import { parseDigest } from '../oci/digest.ts'
import { type Platform, parsePlatform } from '../oci/platform.ts'
import {
  isTag,
  looksLikeHost,
  parseReference,
  parseRepository,
  type Reference,
  type Repository,
  referenceName,
} from '../oci/reference.ts'
import { isPrefix, type Login, loginsOf, registryHost, registryPrefix } from './logins.ts'
import type { Problem } from './problem.ts'
import type { SettingName, Settings } from './schema.ts'

/** What the files that settings name say; read beforehand, because this stage reads nothing. */
export interface PushRecord {
  /** From `tags_file`. */
  tags?: string[]
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
}

/** From settings to what is looked at, or to every mistake at once, those included that were found `earlier`. */
export function planTargets(
  settings: Settings,
  record: PushRecord,
  earlier: Problem[] = [],
): { ok: true; value: Plan } | { ok: false; problems: Problem[] } {
  const problems: Problem[] = [...earlier]
  const tags = record.tags ?? settings.tags
  if (settings.auto_tag) {
    problems.push({
      setting: 'auto_tag',
      message:
        'which tags it made cannot be told from here; name them with tags, or let the build write tags_file',
    })
  }
  const references = allReferences({ ...settings, tags }, record, problems)
  const expected = expectedDigest(settings, record, problems)
  const platforms = expectedPlatforms(settings, problems)
  const logins = loginsOf(settings, [...references.map((reference) => reference.registry)], problems)
  const catalog = catalogOf(settings, problems)
  if (references.length === 0 && !catalog && problems.length === 0) {
    problems.push({
      setting: 'repo',
      message: 'nothing to verify: set repo (and tags), or images, or name a reference as an argument',
    })
  }
  if (problems.length > 0) return { ok: false, problems }
  return {
    ok: true,
    value: {
      targets: unique(references).map((reference) => withExpected(reference, expected)),
      logins,
      platforms,
      ...(catalog ? { catalog } : {}),
    },
  }
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

function allReferences(settings: Settings, record: PushRecord, problems: Problem[]): Reference[] {
  for (const tag of settings.tags.filter((tag) => !isTag(tag))) {
    problems.push({
      setting: 'tags',
      value: tag,
      message: 'is no tag: letters, digits, _ . - (not first . or -), 128 at most',
    })
  }
  const named = settings.images.length + settings.repo.length > 0
  const images = named ? settings.images : record.images
  const source: SettingName = named ? 'images' : 'metadata_file'
  return [
    ...settings.repo.flatMap((repo) => fromRepo(repo, settings, problems)),
    ...images.flatMap((image) => one(image, source, problems)).map(tagged),
  ]
}

function fromRepo(repo: string, settings: Settings, problems: Problem[]): Reference[] {
  const prefix = settings.registry
  const first = repo.includes('/') ? repo.slice(0, repo.indexOf('/')) : ''
  const bare = prefix !== undefined && isPrefix(prefix) && !looksLikeHost(first)
  const [reference] = one(bare ? `${registryPrefix(prefix)}/${repo}` : repo, 'repo', problems)
  if (!reference) return []
  if (reference.tag !== undefined || reference.digest !== undefined) return [reference]
  const tags = settings.tags.length > 0 ? settings.tags : ['latest']
  return tags.filter(isTag).map((tag) => ({ ...reference, tag }))
}

function one(text: string, setting: SettingName, problems: Problem[]): Reference[] {
  const parsed = parseReference(text)
  if (parsed.ok) return [parsed.value]
  problems.push({ setting, value: text, message: `is no image reference: ${parsed.problem}` })
  return []
}

const tagged = (reference: Reference): Reference =>
  reference.tag === undefined && reference.digest === undefined ? { ...reference, tag: 'latest' } : reference

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
