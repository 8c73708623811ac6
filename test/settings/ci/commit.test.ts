import { expect, test } from 'vitest'
import { type Commit, readCommit } from '../../../src/settings/ci/commit.ts'

test.each<[string, Record<string, string>, Commit]>([
  [
    'a push on Woodpecker',
    { CI_COMMIT_REF: 'refs/heads/main', CI_COMMIT_BRANCH: 'main', CI_REPO_DEFAULT_BRANCH: 'main' },
    { ref: 'refs/heads/main', defaultBranch: 'main' },
  ],
  ['a git tag', { CI_COMMIT_REF: 'refs/tags/v1', CI_COMMIT_TAG: 'v1' }, { ref: 'refs/tags/v1', tag: 'v1' }],
  ['a git tag without a ref', { CI_COMMIT_TAG: 'v1' }, { ref: 'refs/tags/v1', tag: 'v1' }],
  ['a branch without a ref', { CI_COMMIT_BRANCH: 'main' }, { ref: 'refs/heads/main' }],
  [
    'a pull request, whose CI_COMMIT_BRANCH is the target branch',
    { CI_PIPELINE_EVENT: 'pull_request', CI_COMMIT_BRANCH: 'main', CI_COMMIT_REF: 'refs/pull/3/head' },
    { ref: 'refs/pull/3/head' },
  ],
  [
    'a pull request without a ref',
    { CI_PIPELINE_EVENT: 'pull_request_closed', CI_COMMIT_BRANCH: 'main' },
    {},
  ],
  ['Actions', { GITHUB_REF: 'refs/tags/v2' }, { ref: 'refs/tags/v2', tag: 'v2' }],
  [
    'FORGEJO_REF overrides GITHUB_REF',
    { FORGEJO_REF: 'refs/heads/a', GITHUB_REF: 'refs/heads/b' },
    { ref: 'refs/heads/a' },
  ],
  ['a shell', { CI_COMMIT_REF: '' }, {}],
])('%s', (_where, env, commit) => {
  expect(readCommit(env)).toEqual(commit)
})
