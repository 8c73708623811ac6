import { isTag, looksLikeHost, parseReference, type Reference } from '../../oci/reference.ts'
import { pluginsFor } from '../build-plugins.ts'
import type { Problem } from '../problem.ts'
import type { Settings } from '../schema.ts'
import { type PushedTags, pushedTags, type TagSources } from '../tags/pushed-tags.ts'
import { numberProblem } from '../yaml-numbers.ts'
import { isHub, isPrefix, registryHost, registryPrefix } from './logins.ts'

/** The references that the settings name, with notes for the log. */
interface NamedReferences {
  references: Reference[]
  notes: string[]
  /** Why no tag was pushed. */
  noTagsReason?: string
}

/**
 * The references that the settings name: `destinations` if they are set (as in plugin-kaniko), otherwise each repository with
 * each tag; and `images` in addition. `recorded` are references from a metadata file, used if the settings name none.
 */
export function namedReferences(
  settings: Settings,
  sources: TagSources,
  recorded: string[],
  problems: Problem[],
): NamedReferences {
  const { repo, images, destinations } = settings
  checkTags(settings.tags, 'tags', problems)
  const repos = destinations.length > 0 ? [] : repo
  const named = repo.length + images.length + destinations.length > 0
  const targets = repos.flatMap((one) => repositoryReference(one, settings, sources, problems))
  const pushed = targets.some(isUntagged) ? pushedTags(settings, sources) : undefined
  if (pushed?.state === 'unclear') problems.push(pushed.problem)
  const tags = pushed?.state === 'pushed' ? pushed.tags : []
  checkTags(
    tags.filter((tag) => !settings.tags.includes(tag)),
    originOf(tags, settings, sources),
    problems,
  )
  return {
    references: [
      ...targets.flatMap((one) =>
        isUntagged(one) ? tags.filter(isTag).map((tag) => ({ ...one, tag })) : [one],
      ),
      ...destinations.flatMap((one) => fullReference(withoutVersion(one), 'destinations', problems)),
      ...images.flatMap((one) => fullReference(one, 'images', problems)),
      ...(named ? [] : recorded).flatMap((one) => fullReference(one, 'metadata_file', problems)),
    ],
    notes: notesOf(settings, pushed),
    ...(pushed?.state === 'none' ? { noTagsReason: pushed.why } : {}),
  }
}

function notesOf({ repo, destinations }: Settings, pushed: PushedTags | undefined): string[] {
  const isNotPushed = destinations.length > 0 && repo.length === 0
  return [
    ...(pushed && 'note' in pushed && pushed.note ? [pushed.note] : []),
    ...(isNotPushed ? ['plugin-kaniko pushes “destinations” only if “repo” is also set'] : []),
  ]
}

/** The repository that `repo` is pushed to; plugin-kaniko puts `registry` before every one. */
function repositoryReference(
  repo: string,
  settings: Settings,
  sources: TagSources,
  problems: Problem[],
): Reference[] {
  const { registry } = settings
  if (registry === undefined || !isPrefix(registry)) return parseOrReport(repo, 'repo', problems)
  const first = repo.includes('/') ? repo.slice(0, repo.indexOf('/')) : ''
  const plugins = settings.pushed_by === 'auto' ? pluginsFor(sources.given) : [settings.pushed_by]
  const kanikoPrepends = plugins.join() === 'plugin-kaniko' && registryHost(first) !== registryHost(registry)
  const needsRegistry = kanikoPrepends || !looksLikeHost(first)
  return parseOrReport(needsRegistry ? `${registryPrefix(registry)}/${repo}` : repo, 'repo', problems)
}

const fullReference = (text: string, setting: string, problems: Problem[]): Reference[] =>
  parseOrReport(text, setting, problems).map((one) => (isUntagged(one) ? { ...one, tag: 'latest' } : one))

function parseOrReport(text: string, setting: string, problems: Problem[]): Reference[] {
  const reference = parseReference(text)
  if (reference.ok) return [reference.value]
  problems.push({ setting, value: text, message: `is not a valid image reference: ${reference.problem}` })
  return []
}

const isUntagged = ({ tag, digest }: Reference): boolean => tag === undefined && digest === undefined

/** Removes the `/v1/` of Docker Hub's legacy address, which plugin-kaniko's manual uses in `destinations`. */
function withoutVersion(written: string): string {
  const [host = '', version, ...path] = written.split('/')
  return isHub(host) && (version === 'v1' || version === 'v2') ? [host, ...path].join('/') : written
}

function checkTags(tags: string[], setting: string, problems: Problem[]): void {
  for (const tag of tags.filter((tag) => !isTag(tag))) {
    problems.push(
      numberProblem(setting, tag) ?? {
        setting,
        value: tag,
        message:
          'is not a valid tag: use letters, digits, “_”, “.” and “-” (“.” and “-” not first), at most 128',
      },
    )
  }
}

/** The setting or file that tags come from if `tags` does not list them. */
function originOf(tags: string[], settings: Settings, { file, dotTags }: TagSources): string {
  if (file) return 'tags_file'
  return dotTags?.some((tag) => tags.includes(tag)) && !settings.auto_tag ? 'tags (file .tags)' : 'auto_tag'
}
