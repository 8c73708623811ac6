import { describe, expect, test } from 'vitest'
import { type CiRun, readCi } from '../../../src/settings/ci/ci.ts'

const github = {
  CI: 'true',
  GITHUB_ACTIONS: 'true',
  GITHUB_SERVER_URL: 'https://git.example.com',
  GITHUB_REPOSITORY: 'team/app',
  GITHUB_RUN_ID: '9001',
  GITHUB_RUN_NUMBER: '12',
  GITHUB_EVENT_NAME: 'push',
}
const woodpecker = {
  CI: 'woodpecker',
  CI_SYSTEM_NAME: 'woodpecker',
  CI_PIPELINE_EVENT: 'push',
  CI_PIPELINE_NUMBER: '366',
  CI_PIPELINE_URL: 'https://ci.example.com/repos/7/pipeline/366',
}
const runs = 'https://git.example.com/team/app/actions/runs'

test.each<[string, Record<string, string>, CiRun]>([
  ['a shell', {}, { platform: 'plain' }],
  ['an unknown CI system', { CI: 'true' }, { platform: 'plain' }],
  [
    'Woodpecker',
    woodpecker,
    { platform: 'woodpecker', event: 'push', number: '#366', url: woodpecker.CI_PIPELINE_URL },
  ],
  ['Woodpecker by its system name', { CI_SYSTEM_NAME: 'woodpecker' }, { platform: 'woodpecker' }],
  [
    'Woodpecker inside Actions',
    { ...github, ...woodpecker },
    { platform: 'woodpecker', event: 'push', number: '#366', url: woodpecker.CI_PIPELINE_URL },
  ],
  [
    'GitHub, whose run URLs contain the id',
    github,
    { platform: 'github', event: 'push', number: '#12', url: `${runs}/9001` },
  ],
  [
    'Gitea, whose run URLs contain the number',
    { ...github, GITEA_ACTIONS: 'true' },
    { platform: 'gitea', event: 'push', number: '#12', url: `${runs}/12` },
  ],
  [
    'Forgejo, which also sets GITEA_ACTIONS',
    { ...github, GITEA_ACTIONS: 'true', FORGEJO_ACTIONS: 'true' },
    { platform: 'forgejo', event: 'push', number: '#12', url: `${runs}/12` },
  ],
  [
    'Actions without a server URL',
    { GITHUB_ACTIONS: 'true', GITHUB_RUN_NUMBER: '1' },
    { platform: 'github', number: '#1' },
  ],
  ['empty variables', { GITHUB_ACTIONS: '', FORGEJO_ACTIONS: '', CI: '' }, { platform: 'plain' }],
])('%s', (_where, env, run) => {
  expect(readCi(env)).toEqual(run)
})

describe('the subject of an event', () => {
  test.each<[string, Record<string, string>, string | undefined]>([
    ['push', { CI_COMMIT_BRANCH: 'main' }, undefined],
    ['tag', { CI_COMMIT_TAG: 'v1.2.3' }, 'v1.2.3'],
    ['release', { CI_COMMIT_TAG: 'v1.2.3' }, 'v1.2.3'],
    ['pull_request', { CI_COMMIT_PULL_REQUEST: '17' }, '17'],
    ['pull_request_closed', { CI_COMMIT_PULL_REQUEST: '17' }, '17'],
    ['pull_request_metadata', { CI_COMMIT_PULL_REQUEST: '17' }, '17'],
    ['deployment', { CI_PIPELINE_DEPLOY_TARGET: 'production', CI_COMMIT_TAG: 'v1' }, 'production'],
    ['cron', {}, undefined],
    ['manual', {}, undefined],
    ['manual', { CI_COMMIT_TAG: 'v1' }, 'v1'],
  ])('Woodpecker: %s %j', (event, env, subject) => {
    expect(readCi({ ...woodpecker, CI_PIPELINE_EVENT: event, ...env })).toEqual({
      platform: 'woodpecker',
      event,
      number: '#366',
      url: woodpecker.CI_PIPELINE_URL,
      ...(subject === undefined ? {} : { subject }),
    })
  })

  test.each<[string, string, string | undefined]>([
    ['push', 'refs/heads/main', undefined],
    ['push', 'refs/tags/v1.2.3', 'v1.2.3'],
    ['release', 'refs/tags/app/v1.2.3', 'app/v1.2.3'],
    ['pull_request', 'refs/pull/17/merge', '17'],
    ['pull_request', 'refs/pull/17/head', '17'],
    ['schedule', 'refs/heads/main', undefined],
    ['workflow_dispatch', 'refs/heads/main', undefined],
  ])('Actions: %s of %s', (event, ref, subject) => {
    const run = readCi({ ...github, FORGEJO_ACTIONS: 'true', GITHUB_EVENT_NAME: event, GITHUB_REF: ref })
    expect(run).toMatchObject({ platform: 'forgejo', event })
    expect(run.subject).toBe(subject)
  })
})

test('on GitHub a re-run has its own page', () => {
  const url = (env: Record<string, string>) => readCi({ ...github, ...env }).url
  expect(url({ GITHUB_RUN_ATTEMPT: '1' })).toBe(`${runs}/9001`)
  expect(url({ GITHUB_RUN_ATTEMPT: '2' })).toBe(`${runs}/9001/attempts/2`)
  expect(url({ GITHUB_RUN_ATTEMPT: '2', GITEA_ACTIONS: 'true' })).toBe(`${runs}/12`)
})
