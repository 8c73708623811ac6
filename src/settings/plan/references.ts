import { isTag, looksLikeHost, parseReference, type Reference } from '../../oci/reference.ts'
import { pluginsFor } from '../build-plugins.ts'
import type { Problem } from '../problem.ts'
import type { Settings } from '../schema.ts'
import { type PushedTags, pushedTags, type TagSources } from '../tags/pushed-tags.ts'
import { numberProblem } from '../yaml-numbers.ts'
import { isHub, isPrefix, registryHost, registryPrefix } from './logins.ts'

/** What the settings name, and what has to be said of how it was found. */
export interface Named {
  references: Reference[]
  notes: string[]
  /** Why no tag was pushed that could be verified. */
  nothing?: string
}

/**
 * The references that a step's settings name: `destinations` alone where they are given (plugin-kaniko), otherwise each
 * repository with each tag, and `images` beside them. `recorded` are those of a metadata file, which count where the
 * settings name none.
 */
export function namedReferences(
  settings: Settings,
  sources: TagSources,
  recorded: string[],
  problems: Problem[],
): Named {
  const { repo, images, destinations } = settings
  checkTags(settings.tags, 'tags', problems)
  const repos = destinations.length > 0 ? [] : repo
  const named = repo.length + images.length + destinations.length > 0
  const places = repos.flatMap((one) => place(one, settings, sources, problems))
  const pushed = places.some(untagged) ? pushedTags(settings, sources) : undefined
  if (pushed?.state === 'unclear') problems.push(pushed.problem)
  const tags = pushed?.state === 'pushed' ? pushed.tags : []
  checkTags(
    tags.filter((tag) => !settings.tags.includes(tag)),
    originOf(tags, settings, sources),
    problems,
  )
  return {
    references: [
      ...places.flatMap((one) =>
        untagged(one) ? tags.filter(isTag).map((tag) => ({ ...one, tag })) : [one],
      ),
      ...destinations.flatMap((one) => whole(withoutVersion(one), 'destinations', problems)),
      ...images.flatMap((one) => whole(one, 'images', problems)),
      ...(named ? [] : recorded).flatMap((one) => whole(one, 'metadata_file', problems)),
    ],
    notes: notesOf(settings, pushed),
    ...(pushed?.state === 'nothing' ? { nothing: pushed.why } : {}),
  }
}

function notesOf({ repo, destinations }: Settings, pushed: PushedTags | undefined): string[] {
  const unpushed = destinations.length > 0 && repo.length === 0
  return [
    ...(pushed && 'note' in pushed && pushed.note ? [pushed.note] : []),
    ...(unpushed ? ['plugin-kaniko pushes “destinations” only where “repo” is set as well'] : []),
  ]
}

/** A repository as it is pushed to; plugin-kaniko puts `registry` before every one. */
function place(repo: string, settings: Settings, sources: TagSources, problems: Problem[]): Reference[] {
  const { registry } = settings
  if (registry === undefined || !isPrefix(registry)) return parsed(repo, 'repo', problems)
  const first = repo.includes('/') ? repo.slice(0, repo.indexOf('/')) : ''
  const plugins = settings.pushed_by === 'auto' ? pluginsFor(sources.given) : [settings.pushed_by]
  const always = plugins.join() === 'plugin-kaniko' && registryHost(first) !== registryHost(registry)
  const bare = always || !looksLikeHost(first)
  return parsed(bare ? `${registryPrefix(registry)}/${repo}` : repo, 'repo', problems)
}

const whole = (text: string, setting: string, problems: Problem[]): Reference[] =>
  parsed(text, setting, problems).map((one) => (untagged(one) ? { ...one, tag: 'latest' } : one))

function parsed(text: string, setting: string, problems: Problem[]): Reference[] {
  const reference = parseReference(text)
  if (reference.ok) return [reference.value]
  problems.push({ setting, value: text, message: `is no image reference: ${reference.problem}` })
  return []
}

const untagged = ({ tag, digest }: Reference): boolean => tag === undefined && digest === undefined

/** Docker Hub's old address ends in `/v1/`, and plugin-kaniko's manual shows it in `destinations`. */
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
        message: 'is no tag: letters, digits, _ . - (not first . or -), 128 at most',
      },
    )
  }
}

/** Where tags stand that the settings do not name. */
function originOf(tags: string[], settings: Settings, { file, dotTags }: TagSources): string {
  if (file) return 'tags_file'
  return dotTags?.some((tag) => tags.includes(tag)) && !settings.auto_tag ? 'tags (file .tags)' : 'auto_tag'
}
