import {
  isTag,
  looksLikeHost,
  parseReference,
  type Reference,
  referenceName,
  repositoryName,
} from '../../oci/reference.ts'
import { type BuildPlugin, pluginsFor } from '../build-plugins.ts'
import { isBuildOnly } from '../names.ts'
import type { Problem } from '../problem.ts'
import type { Settings } from '../schema.ts'
import { type PushedTags, pushedTags, type TagSources } from '../tags/pushed-tags.ts'
import { isHub, isPrefix, registryHost, registryPrefix } from './logins.ts'
import { checkTags, separateReferences, unresolvedVariable } from './tags-written.ts'

/** The references that the settings name, with notes for the log. */
interface NamedReferences {
  references: Reference[]
  notes: string[]
  /** Why no tag was pushed. */
  noTagsReason?: string
}

/**
 * The references that the settings name: `destinations` if they are set (as in plugin-kaniko), otherwise each repository with
 * each tag; in addition `images`, and whole references in `tags`. The tags also apply to `images` without a tag. `recorded` are
 * references from files of the push step, used if the settings name none.
 */
export function namedReferences(
  settings: Settings,
  { file: fileItems, ...sources }: TagSources,
  recorded: { from: string; images: string[] },
  problems: Problem[],
): NamedReferences {
  const { repo, images, destinations } = settings
  const listed = separateReferences(settings.tags)
  const inFile = fileItems && separateReferences(fileItems)
  const tagSettings: Settings = { ...settings, tags: listed.tags }
  const tagSources: TagSources = { ...sources, ...(inFile?.tags.length ? { file: inFile.tags } : {}) }
  checkTags(listed.tags, 'tags', problems)
  const whole = [
    ...listed.references.flatMap((one) => parseOrReport(one, 'tags', problems)),
    ...(inFile?.references ?? []).flatMap((one) => parseOrReport(one, 'tags_file', problems)),
  ]
  const repos = (destinations.length > 0 ? [] : repo)
    .flatMap((one) => repositoryReference(one, settings, sources, problems))
    .filter((one) => !isUntagged(one) || !isNamedIn(one, whole) || listed.tags.length > 0)
  const pictured = images.flatMap((one) => parseOrReport(one, 'images', problems))
  const takesTags = tagsApplyToImages(tagSettings, tagSources)
  const untagged = [...repos, ...(takesTags ? pictured : [])].some(isUntagged)
  const pushed = untagged ? pushedTags(tagSettings, tagSources) : undefined
  if (pushed?.state === 'unclear') problems.push(pushed.problem)
  const tags = pushed?.state === 'pushed' ? pushed.tags : []
  checkTags(
    tags.filter((tag) => !listed.tags.includes(tag)),
    originOf(tags, tagSettings, tagSources),
    problems,
  )
  const tagged = (one: Reference): Reference[] =>
    isUntagged(one) ? tags.filter(isTag).map((tag) => ({ ...one, tag })) : [one]
  const named = repo.length + images.length + destinations.length + whole.length > 0
  const references = [
    ...repos.flatMap(tagged),
    ...destinations.flatMap((one) =>
      parseOrReport(withoutVersion(one), 'destinations', problems).map(latest),
    ),
    ...(takesTags ? pictured.flatMap(tagged) : pictured.map(latest)),
    ...whole,
    ...(named
      ? []
      : recorded.images.flatMap((one) => parseOrReport(one, recorded.from, problems).map(latest))),
  ]
  if (!untagged && destinations.length === 0) reportUnused(tagSettings, tagSources, references, problems)
  return {
    references,
    notes: notesOf(settings, sources, pushed),
    ...(pushed?.state === 'none' ? { noTagsReason: pushed.why } : {}),
  }
}

const isNamedIn = (one: Reference, whole: Reference[]): boolean =>
  whole.some((other) => repositoryName(other) === repositoryName(one))

/** Whether `images` without a tag get the tags, too. `extra_tags` of wp-docker-buildx are complete references. */
const tagsApplyToImages = ({ tags, auto_tag: auto }: Settings, { file, given }: TagSources): boolean =>
  (tags.length > 0 || file !== undefined || auto) && ![...given].includes('extra_tags')

/** Reports tags that no image gets: the run would verify something else than the step says. */
function reportUnused(
  { tags, catalog, repo }: Settings,
  { file }: TagSources,
  references: Reference[],
  problems: Problem[],
): void {
  const setting = file ? 'tags_file' : 'tags'
  const unused = (file ?? tags).filter((tag) => isTag(tag) && references.every((one) => one.tag !== tag))
  const [first] = references
  if (unused.length === 0 || (first === undefined && !catalog)) return
  const value = unused.join(',')
  if (first === undefined) {
    const message =
      'is not used: catalog verifies every tag of every repository; name a repo to verify these tags'
    problems.push({ setting, value, message })
  } else if (first.digest !== undefined) {
    const message = `is not used: ${referenceName(first)} is named by its digest. To verify that a tag refers to it, set expect_digest`
    problems.push({
      setting,
      value,
      message,
      fix: { repo: repositoryName(first), tags: unused, expect_digest: first.digest },
    })
  } else {
    const message = `is not used: ${referenceName(first)} already has a tag. Write the tag in one place`
    const fix =
      repo.length > 0
        ? { repo: repositoryName(first), tags: unused }
        : { images: `${repositoryName(first)}:${unused[0]}` }
    problems.push({ setting, value, message, fix })
  }
}

function notesOf(settings: Settings, sources: TagSources, pushed: PushedTags | undefined): string[] {
  const { repo, destinations, registry = '' } = settings
  const isNotPushed = destinations.length > 0 && repo.length === 0
  const onHub = repo.find((one) => isPrefix(registry) && !hasHost(one))
  const plugins = pushingPlugins(settings, sources)
  return [
    ...(pushed && 'note' in pushed && pushed.note ? [pushed.note] : []),
    ...(isNotPushed ? ['plugin-kaniko pushes “destinations” only if “repo” is also set'] : []),
    ...(onHub !== undefined &&
    destinations.length === 0 &&
    plugins &&
    !plugins.some(({ prepends }) => prepends)
      ? [
          `${plugins.map(({ plugin }) => plugin).join(' and ')} ${plugins.length > 1 ? 'push' : 'pushes'} “${onHub}” to Docker Hub, and only ${plugins.length > 1 ? 'log' : 'logs'} in to ${registryHost(registry)}. If it was pushed there, write repo: ${registryPrefix(registry)}/${onHub}`,
        ]
      : []),
  ]
}

const hasHost = (repo: string): boolean =>
  repo.includes('/') && looksLikeHost(repo.slice(0, repo.indexOf('/')))

/**
 * The plugins that may have pushed, and whether each puts `registry` before a `repo`; undefined for settings that were written for
 * regguard alone, where `registry` is the host of a `repo` that has none.
 */
function pushingPlugins(
  { pushed_by: named }: Settings,
  { given }: TagSources,
): { plugin: BuildPlugin; prepends: boolean }[] | undefined {
  const names = [...given]
  if (named === 'auto' && !names.some(isBuildOnly)) return undefined
  const prepends = (plugin: BuildPlugin) =>
    plugin === 'plugin-kaniko' || (plugin === 'plugins/kaniko' && names.includes('expand_repo'))
  return (named === 'auto' ? pluginsFor(names) : [named]).map((plugin) => ({
    plugin,
    prepends: prepends(plugin),
  }))
}

/** The repository that `repo` is pushed to; kaniko's plugins put `registry` before it, the others only log in to it. */
function repositoryReference(
  repo: string,
  settings: Settings,
  sources: TagSources,
  problems: Problem[],
): Reference[] {
  const { registry } = settings
  if (registry === undefined || !isPrefix(registry)) return parseOrReport(repo, 'repo', problems)
  const first = repo.includes('/') ? repo.slice(0, repo.indexOf('/')) : ''
  const plugins = pushingPlugins(settings, sources)
  const onlyKaniko = plugins?.every(({ prepends }) => prepends) ?? false
  const needsRegistry = hasHost(repo)
    ? onlyKaniko && registryHost(first) !== registryHost(registry)
    : (plugins?.some(({ prepends }) => prepends) ?? true)
  return parseOrReport(needsRegistry ? `${registryPrefix(registry)}/${repo}` : repo, 'repo', problems)
}

const latest = (one: Reference): Reference => (isUntagged(one) ? { ...one, tag: 'latest' } : one)

function parseOrReport(text: string, setting: string, problems: Problem[]): Reference[] {
  const reference = parseReference(text)
  if (reference.ok) return [reference.value]
  const message = unresolvedVariable(text) ?? `is not a valid image reference: ${reference.problem}`
  problems.push({ setting, value: text, message })
  return []
}

const isUntagged = ({ tag, digest }: Reference): boolean => tag === undefined && digest === undefined

/** Removes the `/v1/` of Docker Hub's legacy address, which plugin-kaniko's manual uses in `destinations`. */
function withoutVersion(written: string): string {
  const [host = '', version, ...path] = written.split('/')
  return isHub(host) && (version === 'v1' || version === 'v2') ? [host, ...path].join('/') : written
}

/** The setting or file that tags come from if `tags` does not list them. */
function originOf(tags: string[], settings: Settings, { file, dotTags }: TagSources): string {
  if (file) return 'tags_file'
  return dotTags?.some((tag) => tags.includes(tag)) && !settings.auto_tag ? 'tags (file .tags)' : 'auto_tag'
}
