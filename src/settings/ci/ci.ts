import type { CiPlatform } from '../../core/platform.ts'
import type { Env } from '../sources.ts'

/** The CI run, as described by its environment variables. */
export interface CiRun {
  platform: CiPlatform
  /** As the platform names it: `push`, `tag`, `pull_request`, `cron`, `manual`, `deployment`, `release`, `workflow_dispatch`. */
  event?: string
  /** What the event is about: the git tag, the number of the pull request, or the deployment target. */
  subject?: string
  /** As the platform shows it: `#366`. */
  number?: string
  /** The web page of the run. */
  url?: string
}

/**
 * Detects the CI platform by the variable it sets: Woodpecker `CI=woodpecker`, Forgejo `FORGEJO_ACTIONS`, Gitea
 * `GITEA_ACTIONS`, GitHub `GITHUB_ACTIONS`. Forgejo and Gitea also set the variables of those they derive from, so the order
 * matters.
 */
export function readCi(env: Env): CiRun {
  if (env.CI === 'woodpecker' || env.CI_SYSTEM_NAME === 'woodpecker') return woodpeckerRun(env)
  const platform = actionsPlatform(env)
  return platform ? actionsRun(platform, env) : { platform: 'plain' }
}

function woodpeckerRun(env: Env): CiRun {
  const { CI_PIPELINE_EVENT: event = '', CI_PIPELINE_NUMBER: number, CI_PIPELINE_URL: url } = env
  const subject = event.startsWith('pull_request')
    ? env.CI_COMMIT_PULL_REQUEST
    : event === 'deployment'
      ? env.CI_PIPELINE_DEPLOY_TARGET
      : env.CI_COMMIT_TAG
  return run('woodpecker', { event, subject, number, url })
}

function actionsRun(platform: Exclude<CiPlatform, 'plain' | 'woodpecker'>, env: Env): CiRun {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_NUMBER: number } = env
  const { GITHUB_EVENT_NAME: event, GITHUB_REF: ref = '', GITHUB_RUN_ATTEMPT: attempt } = env
  // GitHub's run URLs contain the run's id and attempt, those of Forgejo and Gitea its number.
  const id = platform === 'github' ? env.GITHUB_RUN_ID : number
  const attemptPath = platform === 'github' && Number(attempt) > 1 ? `/attempts/${attempt}` : ''
  const url =
    server && repository && id ? `${server}/${repository}/actions/runs/${id}${attemptPath}` : undefined
  const subject = /^refs\/(?:tags|pull)\/(.+?)(?:\/(?:merge|head))?$/.exec(ref)?.[1]
  return run(platform, { event, subject, number, url })
}

function actionsPlatform(env: Env): 'forgejo' | 'gitea' | 'github' | undefined {
  if (env.FORGEJO_ACTIONS) return 'forgejo'
  if (env.GITEA_ACTIONS) return 'gitea'
  return env.GITHUB_ACTIONS ? 'github' : undefined
}

type Variables = Record<'event' | 'subject' | 'number' | 'url', string | undefined>

function run(platform: CiPlatform, { event, subject, number, url }: Variables): CiRun {
  return {
    platform,
    ...(event ? { event } : {}),
    ...(subject ? { subject } : {}),
    ...(number ? { number: `#${number}` } : {}),
    ...(url ? { url } : {}),
  }
}
