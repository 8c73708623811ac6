import type { Commit } from '../ci/commit.ts'

/** The tags that `auto_tag` makes, or why it makes none. `refused`: the plugin fails, and builds nothing. */
export type AutoTags = { tags: string[] } | { nothing: string } | { refused: string }

/** What the rules of plugin-docker-buildx take from the settings. */
export interface Naming {
  defaultTag: string
  suffix: string
}

/**
 * plugin-docker-buildx: a git tag that is a version gives `1`, `1.2`, `1.2.3`, one below 1 no `0`, a pre-release
 * itself, a date itself; the default branch gives `default_tag`; other refs give nothing. A suffix goes after a dash,
 * and stands alone in place of `default_tag`. Measured with 3.2.1.
 */
export function buildxTags(commit: Commit, { defaultTag, suffix }: Naming): AutoTags {
  const { tag } = commit
  if (tag === undefined) return branchTags(commit, suffix || defaultTag)
  const tags = /^(?:\d{8}|\d{4}-\d{2}-\d{2})$/.test(tag) ? [tag] : buildxVersion(tag)
  if (!tags) return { refused: `“${tag}” is no version, and plugin-docker-buildx builds nothing from it` }
  return { tags: suffix ? tags.map((one) => `${one}-${suffix}`) : tags }
}

/**
 * wp-docker-buildx: like plugin-docker-buildx, but the git tag must be a whole version (semver), build metadata is
 * dropped, there are no dates, and the default branch gives `latest`. Read in its tag/semver.go.
 */
export function geeklabTags(commit: Commit, suffix: string): AutoTags {
  const { tag } = commit
  if (tag === undefined) return branchTags(commit, suffix || 'latest')
  const number = '(0|[1-9]\\d*)'
  const match = new RegExp(
    `^v?${number}\\.${number}\\.${number}(-[0-9A-Za-z.-]+)?(?:\\+[0-9A-Za-z.-]+)?$`,
  ).exec(tag)
  if (!match) return { refused: `“${tag}” is no version x.y.z, and wp-docker-buildx builds nothing from it` }
  const [, major = '', minor = '', patch = '', pre] = match
  const tags = pre ? [`${major}.${minor}.${patch}${pre}`] : versionTags([major, minor, patch])
  return { tags: suffix ? tags.map((one) => `${one}-${suffix}`) : tags }
}

/**
 * plugin-kaniko: without a git tag `latest`, on any branch; a tag of up to three parts without small letters or dashes
 * gives `1`, `1.2`, `1.2.3` (what is missing is 0) and `latest`; any other gives itself and `latest`. Measured with 2.3.1.
 */
export function kanikoTags({ tag: written }: Commit): AutoTags {
  const tag = (written ?? '').replace(/^v/, '')
  if (tag === '') return { tags: ['latest'] }
  const [major = '', minor, patch, ...more] = tag.split('.')
  if (/[a-z-]/.test(tag) || more.length > 0) return { tags: [tag, 'latest'] }
  const [x, y, z] = [major || '0', minor || '0', patch || '0']
  return { tags: [x, `${x}.${y}`, `${x}.${y}.${z}`, 'latest'] }
}

function branchTags({ ref = '', defaultBranch }: Commit, tag: string): AutoTags {
  if (ref.replace(/^refs\/heads\//, '') === defaultBranch) return { tags: [tag] }
  return {
    nothing: `auto_tag makes no tag of ${ref.replace(/^refs\/(?:heads\/)?/, '')}: it is neither a git tag nor the default branch, ${defaultBranch}`,
  }
}

/** The version rules of plugin-docker-buildx: any number of parts, of which three count; `v` may stand before them. */
function buildxVersion(tag: string): string[] | undefined {
  const match =
    /^v?(\d+(?:\.\d+)*)(?:-([0-9A-Za-z~-]+(?:\.[0-9A-Za-z~-]+)*))?(?:\+([0-9A-Za-z~-]+(?:\.[0-9A-Za-z~-]+)*))?$/.exec(
      tag,
    )
  if (!match) return undefined
  const [, numbers = '', pre, metadata] = match
  const parts = numbers.split('.').map((part) => BigInt(part).toString())
  while (parts.length < 3) parts.push('0')
  if (pre || metadata) return [`${parts.join('.')}${pre ? `-${pre}` : ''}${metadata ? `+${metadata}` : ''}`]
  const [major = '', minor, patch] = parts
  // A year, as in v2024: no other version tags are made of it.
  if (major.length === 4 && minor === '0' && patch === '0') return [major]
  return versionTags(parts)
}

function versionTags([major = '', minor = '', patch = '']: string[]): string[] {
  const exact = [`${major}.${minor}`, `${major}.${minor}.${patch}`]
  return major === '0' ? exact : [major, ...exact]
}
