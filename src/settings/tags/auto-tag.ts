import type { Commit } from '../ci/commit.ts'

/** The tags that `auto_tag` derives, or why there are none: `none` if the plugin pushes nothing, `failure` if its step fails. */
export type AutoTags = { tags: string[] } | { none: string } | { failure: string }

/** The settings that the rules of plugin-docker-buildx use. */
export interface Naming {
  defaultTag: string
  suffix: string
}

/**
 * plugin-docker-buildx: a version as git tag gives `1`, `1.2` and `1.2.3` (no `0` for versions below 1); a pre-release or a
 * date gives only itself; the default branch gives `default_tag`; other refs give no tag. A suffix is appended after a dash; on
 * the default branch it replaces `default_tag`. Measured with 3.2.1.
 */
export function buildxTags(commit: Commit, { defaultTag, suffix }: Naming): AutoTags {
  const { tag } = commit
  if (tag === undefined) return branchTags(commit, suffix || defaultTag)
  const tags = /^(?:\d{8}|\d{4}-\d{2}-\d{2})$/.test(tag) ? [tag] : buildxVersion(tag)
  if (!tags) return { failure: `“${tag}” is not a version, so plugin-docker-buildx fails` }
  return { tags: suffix ? tags.map((one) => `${one}-${suffix}`) : tags }
}

/**
 * wp-docker-buildx: as plugin-docker-buildx, but the git tag must be a complete semantic version, build metadata is dropped,
 * dates are not supported, and the default branch gives `latest`. Read from its tag/semver.go.
 */
export function geeklabTags(commit: Commit, suffix: string): AutoTags {
  const { tag } = commit
  if (tag === undefined) return branchTags(commit, suffix || 'latest')
  const number = '(0|[1-9]\\d*)'
  const match = new RegExp(
    `^v?${number}\\.${number}\\.${number}(-[0-9A-Za-z.-]+)?(?:\\+[0-9A-Za-z.-]+)?$`,
  ).exec(tag)
  if (!match) return { failure: `“${tag}” is not a version x.y.z, so wp-docker-buildx fails` }
  const [, major = '', minor = '', patch = '', pre] = match
  const tags = pre ? [`${major}.${minor}.${patch}${pre}`] : versionTags([major, minor, patch])
  return { tags: suffix ? tags.map((one) => `${one}-${suffix}`) : tags }
}

/**
 * plugin-kaniko: any branch gives `latest`; a git tag of up to three parts without lower-case letters or dashes gives `1`, `1.2`,
 * `1.2.3` (missing parts are 0) and `latest`; any other git tag gives itself and `latest`. Measured with 2.3.1.
 */
export function kanikoTags({ tag: written }: Commit): AutoTags {
  const tag = (written ?? '').replace(/^v/, '')
  if (tag === '') return { tags: ['latest'] }
  const [major = '', minor, patch, ...more] = tag.split('.')
  if (/[a-z-]/.test(tag) || more.length > 0) return { tags: [tag, 'latest'] }
  const [x, y, z] = [major || '0', minor || '0', patch || '0']
  return { tags: [x, `${x}.${y}`, `${x}.${y}.${z}`, 'latest'] }
}

/**
 * Drone's plugins (plugins/docker, plugins/kaniko): the git tag must be a version of exactly three parts, after an optional `v`;
 * leading zeros are kept, a pre-release gives only itself, and the default branch gives `latest`, which a suffix replaces. Read from
 * drone-docker's tags.go of 2026-07.
 */
export function droneTags(commit: Commit, suffix: string, plugin: string): AutoTags {
  const { tag } = commit
  if (tag === undefined) return branchTags(commit, suffix || 'latest')
  const match = /^v?(\d+)\.(\d+)\.(\d+)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/.exec(tag)
  if (!match) return { failure: `“${tag}” is not a version x.y.z, so ${plugin} fails` }
  const [, major = '', minor = '', patch = '', pre = '', metadata = ''] = match
  const exact = [major, minor, patch].map((part) => BigInt(part).toString()).join('.')
  const tags = pre || metadata ? [`${exact}${pre}${metadata}`] : versionTags([major, minor, patch])
  return { tags: suffix ? tags.map((one) => `${one}-${suffix}`) : tags }
}

/**
 * The tags that plugins/kaniko makes of one tag with `expand_tag`: `1`, `1.2` and `1.2.3` of a version, itself of anything else.
 * Read from its kaniko.go of 2026-06.
 */
export function expandedTags(tag: string): string[] {
  const match = /^v?(0|[1-9]\d*)(?:\.(0|[1-9]\d*)(?:\.(0|[1-9]\d*))?)?(-[0-9A-Za-z.-]+)?$/.exec(
    tag.replaceAll('_', '-'),
  )
  const [, major, minor = '0', patch = '0', pre] = match ?? []
  if (major === undefined) return [tag]
  return pre
    ? [tag.replaceAll('_', '-').replace(/^v/, '')]
    : [major, `${major}.${minor}`, `${major}.${minor}.${patch}`]
}

function branchTags({ ref = '', defaultBranch }: Commit, tag: string): AutoTags {
  if (ref.replace(/^refs\/heads\//, '') === defaultBranch) return { tags: [tag] }
  return {
    none: `auto_tag gives no tag for ${ref.replace(/^refs\/(?:heads\/)?/, '')}, which is neither a git tag nor the default branch (${defaultBranch})`,
  }
}

/**
 * The version rules of plugin-docker-buildx: any number of parts, of which the first three count, and an optional leading `v`.
 */
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
  // A year, as in v2024, gives no further version tags.
  if (major.length === 4 && minor === '0' && patch === '0') return [major]
  return versionTags(parts)
}

function versionTags([major = '', minor = '', patch = '']: string[]): string[] {
  const exact = [`${major}.${minor}`, `${major}.${minor}.${patch}`]
  return Number(major) === 0 ? exact : [major, ...exact]
}
