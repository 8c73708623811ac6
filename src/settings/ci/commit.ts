import type { Env } from '../sources.ts'

/** The commit that was built; a field is absent if the CI platform does not provide it. */
export interface Commit {
  /** `refs/heads/main`, `refs/tags/v1.2.3`, `refs/pull/3/head`. */
  ref?: string
  /** The git tag, if the run was started by one. */
  tag?: string
  defaultBranch?: string
}

/**
 * Reads the commit from Woodpecker's `CI_COMMIT_*`, or from `FORGEJO_REF` or `GITHUB_REF` in Actions, where the default branch
 * is not available. For a pull request, Woodpecker's `CI_COMMIT_BRANCH` is the target branch, so it is not used as the ref.
 */
export function readCommit(env: Env): Commit {
  const { CI_PIPELINE_EVENT: event = '', CI_COMMIT_BRANCH: branch } = env
  const pushed = branch && !event.startsWith('pull_request') ? `refs/heads/${branch}` : undefined
  const named = env.CI_COMMIT_TAG ? `refs/tags/${env.CI_COMMIT_TAG}` : undefined
  const ref = env.CI_COMMIT_REF || named || pushed || env.FORGEJO_REF || env.GITHUB_REF
  const tag = env.CI_COMMIT_TAG || (ref?.startsWith('refs/tags/') ? ref.slice('refs/tags/'.length) : '')
  return {
    ...(ref ? { ref } : {}),
    ...(tag ? { tag } : {}),
    ...(env.CI_REPO_DEFAULT_BRANCH ? { defaultBranch: env.CI_REPO_DEFAULT_BRANCH } : {}),
  }
}
