import { expect, test } from 'vitest'
import { type CiRun, readCi } from '../../src/settings/ci.ts'

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
  ['a person’s shell', {}, { platform: 'plain' }],
  ['a CI system that nobody knows', { CI: 'true' }, { platform: 'plain' }],
  [
    'Woodpecker',
    woodpecker,
    { platform: 'woodpecker', event: 'push', number: '#366', url: woodpecker.CI_PIPELINE_URL },
  ],
  ['Woodpecker by its system name', { CI_SYSTEM_NAME: 'woodpecker' }, { platform: 'woodpecker' }],
  [
    'Woodpecker that runs inside of Actions',
    { ...github, ...woodpecker },
    { platform: 'woodpecker', event: 'push', number: '#366', url: woodpecker.CI_PIPELINE_URL },
  ],
  [
    'GitHub, whose runs go by their id',
    github,
    { platform: 'github', event: 'push', number: '#12', url: `${runs}/9001` },
  ],
  [
    'Gitea, whose runs go by their number',
    { ...github, GITEA_ACTIONS: 'true' },
    { platform: 'gitea', event: 'push', number: '#12', url: `${runs}/12` },
  ],
  [
    'Forgejo, which says it is Gitea as well',
    { ...github, GITEA_ACTIONS: 'true', FORGEJO_ACTIONS: 'true' },
    { platform: 'forgejo', event: 'push', number: '#12', url: `${runs}/12` },
  ],
  [
    'Actions without an address',
    { GITHUB_ACTIONS: 'true', GITHUB_RUN_NUMBER: '1' },
    { platform: 'github', number: '#1' },
  ],
  ['variables that are empty', { GITHUB_ACTIONS: '', FORGEJO_ACTIONS: '', CI: '' }, { platform: 'plain' }],
])('%s', (_where, env, run) => {
  expect(readCi(env)).toEqual(run)
})
