import { type BuildPlugin, pluginsFor } from '../build-plugins.ts'
import type { Commit } from '../ci/commit.ts'
import type { Problem } from '../problem.ts'
import type { SettingName, Settings } from '../schema.ts'
import { type AutoTags, buildxTags, droneTags, expandedTags, geeklabTags, kanikoTags } from './auto-tag.ts'

/** What determines which tags were pushed, besides the settings themselves. */
export interface TagSources {
  /** The names of all settings that were given, build settings included. */
  given: Iterable<string>
  /** The inputs of an action that were passed without a value. */
  empty?: ReadonlySet<SettingName>
  commit: Commit
  /** The contents of `tags_file`. */
  file?: string[]
  /** The contents of a file `.tags` in the workspace. */
  dotTags?: string[]
}

/** The tags that were pushed to each repository, or why there are none. `note` says which tags are not verified, and why. */
export type PushedTags =
  | { state: 'pushed'; tags: string[]; note?: string }
  | { state: 'none'; why: string; note?: string }
  | { state: 'unclear'; problem: Problem }

type Push = AutoTags & { plugin: BuildPlugin }

/**
 * The tags that the build plugin pushed. If the settings do not show which plugin that was, only the tags that every candidate
 * pushes, so that a tag nobody pushed is never reported missing.
 */
export function pushedTags(settings: Settings, sources: TagSources): PushedTags {
  const plugins = candidates(settings, sources)
  const names = [settings.tags, sources.file ?? [], sources.dotTags ?? []].flat()
  if (sources.empty?.has('tags') && names.length === 0 && !settings.auto_tag)
    return { state: 'unclear', problem: emptyTags }
  if (settings.auto_tag) {
    const problem = commitProblem(sources.commit, plugins)
    if (problem) return { state: 'unclear', problem }
  }
  const pushes = plugins.map((plugin): Push => ({ plugin, ...rules[plugin](settings, sources) }))
  // A plugin whose step fails did not push.
  const possible = pushes.filter((push) => !('failure' in push))
  if (possible.length === 0) return { state: 'unclear', problem: failureProblem(pushes) }
  const certain = commonTags(possible)
  const withoutGeeklab = possible.filter(({ plugin }) => plugin !== 'wp-docker-buildx')
  const agreed = certain.length > 0 || withoutGeeklab.length === 0 ? certain : commonTags(withoutGeeklab)
  // If every candidate pushes but they share no tag, `tags` is the best evidence.
  const tags =
    agreed.length === 0 && possible.every((push) => tagsOf(push).length > 0) ? settings.tags : agreed
  if (tags.length > 0) {
    const note = notVerifiedNote(tags, possible)
    return { state: 'pushed', tags, ...(note === undefined ? {} : { note }) }
  }
  return noCommonTag(possible)
}

const emptyTags: Problem = {
  setting: 'tags',
  message: `arrived empty. If the value is the output of another step, check the id in \${{ steps.ID.outputs.tags }}; for “latest”, write it`,
  fix: { tags: ['latest'] },
}

/**
 * The plugins that may have pushed. Only plugin-kaniko writes the tags of `auto_tag` to `.tags`, so a `.tags` with exactly
 * these tags identifies it.
 */
function candidates(settings: Settings, { given, commit, dotTags }: TagSources): BuildPlugin[] {
  if (settings.pushed_by !== 'auto') return [settings.pushed_by]
  const plugins = pluginsFor(given)
  const kaniko = kanikoTags(commit)
  const isKanikoFile = settings.auto_tag && 'tags' in kaniko && kaniko.tags.join() === dotTags?.join()
  return isKanikoFile && plugins.includes('plugin-kaniko') ? ['plugin-kaniko'] : plugins
}

const rules: Record<BuildPlugin, (settings: Settings, sources: TagSources) => AutoTags> = {
  // Since 5.0, a file `.tags` takes precedence over `tags`.
  'plugin-docker-buildx': (settings, { commit, file, dotTags }) => {
    const named = file ?? dotTags ?? nonEmpty(settings.tags)
    if (!settings.auto_tag) return { tags: named ?? ['latest'] }
    const { default_tag: defaultTag = 'latest', auto_tag_suffix: suffix = '' } = settings
    const auto = buildxTags(commit, { defaultTag, suffix })
    if (!('tags' in auto)) return 'none' in auto && named ? { tags: named } : auto
    // It adds `tags`, which defaults to `latest`. Its manual promises that only if no default tag and no suffix is set.
    const added = named ?? (defaultTag === 'latest' && suffix === '' ? ['latest'] : [])
    return { tags: [...auto.tags, ...added] }
  },
  'plugin-kaniko': (settings, { commit, file, dotTags }) => {
    const named = file ?? nonEmpty(settings.tags)
    if (named) return { tags: named }
    return settings.auto_tag ? kanikoTags(commit) : { tags: dotTags ?? ['latest'] }
  },
  'wp-docker-buildx': (settings, { commit, file, dotTags }) => {
    const named = file ?? nonEmpty(settings.tags) ?? dotTags
    const auto = settings.auto_tag
      ? geeklabTags(commit, settings.auto_tag_suffix ?? '')
      : { none: 'wp-docker-buildx pushes nothing without tags' }
    return 'none' in auto && named ? { tags: named } : auto
  },
  'plugins/docker': (settings, { commit, file, dotTags }) =>
    settings.auto_tag
      ? droneTags(commit, settings.auto_tag_suffix ?? '', 'plugins/docker')
      : { tags: file ?? nonEmpty(settings.tags) ?? dotTags ?? ['latest'] },
  'plugins/kaniko': (settings, { commit, file, dotTags }) => {
    const named = file ?? nonEmpty(settings.tags) ?? dotTags ?? ['latest']
    if (!settings.auto_tag) return { tags: settings.expand_tag ? named.flatMap(expandedTags) : named }
    if (named.join() !== 'latest') return { failure: 'plugins/kaniko fails with both auto_tag and tags' }
    return droneTags(commit, settings.auto_tag_suffix ?? '', 'plugins/kaniko')
  },
}

const nonEmpty = (tags: string[]): string[] | undefined => (tags.length > 0 ? tags : undefined)

const tagsOf = (push: Push): string[] => ('tags' in push ? push.tags : [])

function commonTags(pushes: Push[]): string[] {
  const [first, ...rest] = pushes.map((push) => new Set(tagsOf(push)))
  return [...(first ?? [])].filter((tag) => rest.every((tags) => tags.has(tag)))
}

function commitProblem({ ref, defaultBranch }: Commit, plugins: BuildPlugin[]): Problem | undefined {
  const fix = { tags: ['latest', '1.2'] }
  if (ref === undefined) {
    const message =
      'needs the branch or the git tag from the CI platform (CI_COMMIT_REF), which is not set; list the tags instead'
    return { setting: 'auto_tag', message, fix }
  }
  const onlyKaniko = plugins.every((plugin) => plugin === 'plugin-kaniko')
  if (onlyKaniko || ref.startsWith('refs/tags/') || defaultBranch !== undefined) return undefined
  const message = `needs the default branch from the CI platform (CI_REPO_DEFAULT_BRANCH), which is not set; list the tags instead`
  return { setting: 'auto_tag', message, fix }
}

function failureProblem(pushes: Push[]): Problem {
  const why = pushes.flatMap((push) => ('failure' in push ? [push.failure] : []))
  return {
    setting: 'auto_tag',
    message: `${why.join('; ')}. Use a version as git tag, or list the tags`,
    fix: { tags: ['latest'] },
  }
}

/** A note on tags that only some of the candidates push. */
function notVerifiedNote(tags: string[], pushes: Push[]): string | undefined {
  const more = new Set(pushes.flatMap(tagsOf).filter((tag) => !tags.includes(tag)))
  if (more.size === 0) return undefined
  const by = pushes.filter((push) => tagsOf(push).some((tag) => more.has(tag))).map(({ plugin }) => plugin)
  return `not verified: ${[...more].join(', ')}. ${orList(by)} pushes ${more.size === 1 ? 'it' : 'them'}, but the settings do not show which plugin was used. ${settingHint(by)}`
}

/** The result where no tag is pushed by every candidate. */
function noCommonTag(pushes: Push[]): PushedTags {
  const pushing = pushes.filter((push) => tagsOf(push).length > 0)
  const [why] = pushes.flatMap((push) => ('none' in push ? [push.none] : []))
  if (why !== undefined) {
    const by = pushing.map(({ plugin }) => plugin)
    const tags = [...new Set(pushing.flatMap(tagsOf))].join(', ')
    const note = by.length > 0 ? `${orList(by)} would push ${tags}. ${settingHint(by)}` : undefined
    return { state: 'none', why, ...(note === undefined ? {} : { note }) }
  }
  const byPlugin = pushing.map((push) => `${push.plugin} pushes ${tagsOf(push).join(', ')}`).join('; ')
  return {
    state: 'unclear',
    problem: {
      setting: 'tags',
      message: `depend on the build plugin: ${byPlugin}. Set which one pushed`,
      fix: { pushed_by: pushing[0]?.plugin ?? '' },
    },
  }
}

const orList = (plugins: BuildPlugin[]): string => plugins.join(' or ')

const settingHint = ([plugin]: BuildPlugin[]): string => `If ${plugin} was used, set “pushed_by: ${plugin}”.`
