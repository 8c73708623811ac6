import type { Env } from '../sources.ts'

/** What the CI system says of the commit that was built; a name is absent where it says nothing. */
export interface Commit {
  /** `refs/heads/main`, `refs/tags/v1.2.3`, `refs/pull/3/head`. */
  ref?: string
  /** The git tag, where the run is for one. */
  tag?: string
  defaultBranch?: string
}

/**
 * Reads the commit from Woodpecker's `CI_COMMIT_*`, or `GITHUB_REF` and its kin in Actions, which do not tell the
 * default branch. Woodpecker names the target branch of a pull request in `CI_COMMIT_BRANCH`, so without
 * `CI_COMMIT_REF` a branch is taken from there only where the event is none.
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
