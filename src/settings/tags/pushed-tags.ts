import { type BuildPlugin, pluginsFor } from '../build-plugins.ts'
import type { Commit } from '../ci/commit.ts'
import type { Problem } from '../problem.ts'
import type { Settings } from '../schema.ts'
import { type AutoTags, buildxTags, geeklabTags, kanikoTags } from './auto-tag.ts'

/** What tells which tags were pushed, beside the settings themselves. */
export interface TagSources {
  /** The names of all settings that were given, those of the build included. */
  given: Iterable<string>
  commit: Commit
  /** What stands in `tags_file`. */
  file?: string[]
  /** What stands in a file `.tags` of the workspace. */
  dotTags?: string[]
}

/** The tags that were pushed to each repository, or why there are none. `note` says what is left out, and why. */
export type PushedTags =
  | { state: 'pushed'; tags: string[]; note?: string }
  | { state: 'nothing'; why: string; note?: string }
  | { state: 'unclear'; problem: Problem }

type Push = AutoTags & { plugin: BuildPlugin }

/**
 * The tags that the build plugin pushed. Where the settings do not tell which plugin that was, only what all that it
 * may have been push for certain: a tag that was never pushed must not be missed.
 */
export function pushedTags(settings: Settings, sources: TagSources): PushedTags {
  const plugins = candidates(settings, sources)
  if (settings.auto_tag) {
    const problem = commitProblem(sources.commit, plugins)
    if (problem) return { state: 'unclear', problem }
  }
  const pushes = plugins.map((plugin): Push => ({ plugin, ...rules[plugin](settings, sources) }))
  // One that fails cannot be the one that pushed.
  const worked = pushes.filter((push) => !('refused' in push))
  if (worked.length === 0) return { state: 'unclear', problem: refusedProblem(pushes) }
  const sure = common(worked)
  const official = worked.filter(({ plugin }) => plugin !== 'wp-docker-buildx')
  const agreed = sure.length > 0 || official.length === 0 ? sure : common(official)
  // Where they agree on nothing and all push something, the step's own words are the best that is known.
  const tags = agreed.length === 0 && worked.every((push) => tagsOf(push).length > 0) ? settings.tags : agreed
  if (tags.length > 0) {
    const note = leftOut(tags, worked)
    return { state: 'pushed', tags, ...(note === undefined ? {} : { note }) }
  }
  return unsure(worked)
}

/**
 * The plugins that may have pushed. plugin-kaniko alone writes what `auto_tag` makes into `.tags`, so a file that holds
 * just that is its own.
 */
function candidates(settings: Settings, { given, commit, dotTags }: TagSources): BuildPlugin[] {
  if (settings.pushed_by !== 'auto') return [settings.pushed_by]
  const plugins = pluginsFor(given)
  const made = kanikoTags(commit)
  const wrote = settings.auto_tag && 'tags' in made && made.tags.join() === dotTags?.join()
  return wrote && plugins.includes('plugin-kaniko') ? ['plugin-kaniko'] : plugins
}

const rules: Record<BuildPlugin, (settings: Settings, sources: TagSources) => AutoTags> = {
  // From 5.0 on, a file `.tags` is stronger than the setting.
  'plugin-docker-buildx': (settings, { commit, file, dotTags }) => {
    const named = file ?? dotTags ?? listed(settings.tags)
    if (!settings.auto_tag) return { tags: named ?? ['latest'] }
    const { default_tag: defaultTag = 'latest', auto_tag_suffix: suffix = '' } = settings
    const made = buildxTags(commit, { defaultTag, suffix })
    if (!('tags' in made)) return 'nothing' in made && named ? { tags: named } : made
    // It adds `tags`, whose own default is `latest`; its manual promises that only without other names.
    const added = named ?? (defaultTag === 'latest' && suffix === '' ? ['latest'] : [])
    return { tags: [...made.tags, ...added] }
  },
  'plugin-kaniko': (settings, { commit, file, dotTags }) => {
    const named = file ?? listed(settings.tags)
    if (named) return { tags: named }
    return settings.auto_tag ? kanikoTags(commit) : { tags: dotTags ?? ['latest'] }
  },
  'wp-docker-buildx': (settings, { commit, file, dotTags }) => {
    const named = file ?? listed(settings.tags) ?? dotTags
    const made = settings.auto_tag
      ? geeklabTags(commit, settings.auto_tag_suffix ?? '')
      : { nothing: 'wp-docker-buildx pushes nothing without tags' }
    return 'nothing' in made && named ? { tags: named } : made
  },
}

const listed = (tags: string[]): string[] | undefined => (tags.length > 0 ? tags : undefined)

const tagsOf = (push: Push): string[] => ('tags' in push ? push.tags : [])

function common(pushes: Push[]): string[] {
  const [first, ...rest] = pushes.map((push) => new Set(tagsOf(push)))
  return [...(first ?? [])].filter((tag) => rest.every((tags) => tags.has(tag)))
}

function commitProblem({ ref, defaultBranch }: Commit, plugins: BuildPlugin[]): Problem | undefined {
  const fix = { tags: ['latest', '1.2'] }
  if (ref === undefined) {
    const message =
      'needs a CI system that tells the branch or the git tag (CI_COMMIT_REF); name the tags here'
    return { setting: 'auto_tag', message, fix }
  }
  const onlyKaniko = plugins.every((plugin) => plugin === 'plugin-kaniko')
  if (onlyKaniko || ref.startsWith('refs/tags/') || defaultBranch !== undefined) return undefined
  const message = `depends on the default branch, and nothing here tells it (CI_REPO_DEFAULT_BRANCH); name the tags`
  return { setting: 'auto_tag', message, fix }
}

function refusedProblem(pushes: Push[]): Problem {
  const why = pushes.flatMap((push) => ('refused' in push ? [push.refused] : []))
  return {
    setting: 'auto_tag',
    message: `${why.join('; ')}. Give the git tag a version, or name the tags`,
    fix: { tags: ['latest'] },
  }
}

/** What some of them push and others do not. */
function leftOut(tags: string[], pushes: Push[]): string | undefined {
  const more = new Set(pushes.flatMap(tagsOf).filter((tag) => !tags.includes(tag)))
  if (more.size === 0) return undefined
  const by = pushes.filter((push) => tagsOf(push).some((tag) => more.has(tag))).map(({ plugin }) => plugin)
  return `not verified: ${[...more].join(', ')}. ${either(by)} would have pushed ${more.size === 1 ? 'it' : 'them'}, and the settings do not tell whether it was the one. ${sayWhich(by)}`
}

function unsure(pushes: Push[]): PushedTags {
  const pushing = pushes.filter((push) => tagsOf(push).length > 0)
  const idle = pushes.flatMap((push) => ('nothing' in push ? [push.nothing] : []))
  const [why] = idle
  if (why !== undefined) {
    const by = pushing.map(({ plugin }) => plugin)
    const tags = [...new Set(pushing.flatMap(tagsOf))].join(', ')
    const note = by.length > 0 ? `${either(by)} would have pushed ${tags}. ${sayWhich(by)}` : undefined
    return { state: 'nothing', why, ...(note === undefined ? {} : { note }) }
  }
  const told = pushing.map((push) => `${push.plugin} pushes ${tagsOf(push).join(', ')}`).join('; ')
  return {
    state: 'unclear',
    problem: {
      setting: 'tags',
      message: `which tags were pushed depends on the plugin that built: ${told}. Say which it was`,
      fix: { pushed_by: pushing[0]?.plugin ?? '' },
    },
  }
}

const either = (plugins: BuildPlugin[]): string => plugins.join(' or ')

const sayWhich = ([plugin]: BuildPlugin[]): string => `If it was, say “pushed_by: ${plugin}”.`
