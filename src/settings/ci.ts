import type { Env } from './sources.ts'

/** The CI system this process runs in; `plain` is a person's shell. */
export type Platform = 'plain' | 'woodpecker' | 'forgejo' | 'gitea' | 'github'

/** What the CI system says of this run. */
export interface CiRun {
  platform: Platform
  event?: string
  /** How people name the run: `#366`. */
  number?: string
  url?: string
}

/**
 * Reads where this runs from the variables each system sets: Woodpecker `CI=woodpecker`; Forgejo
 * `FORGEJO_ACTIONS`; Gitea `GITEA_ACTIONS`; GitHub `GITHUB_ACTIONS`, which the others set, too.
 */
export function readCi(env: Env): CiRun {
  if (env.CI === 'woodpecker' || env.CI_SYSTEM_NAME === 'woodpecker') {
    return run('woodpecker', env.CI_PIPELINE_EVENT, env.CI_PIPELINE_NUMBER, env.CI_PIPELINE_URL)
  }
  const platform = actionsPlatform(env)
  if (!platform) return { platform: 'plain' }
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: id } = env
  const number = env.GITHUB_RUN_NUMBER
  const part = platform === 'github' ? id : number
  const url = server && repository && part ? `${server}/${repository}/actions/runs/${part}` : undefined
  return run(platform, env.GITHUB_EVENT_NAME, number, url)
}

function actionsPlatform(env: Env): Platform | undefined {
  if (env.FORGEJO_ACTIONS) return 'forgejo'
  if (env.GITEA_ACTIONS) return 'gitea'
  return env.GITHUB_ACTIONS ? 'github' : undefined
}

function run(platform: Platform, event?: string, number?: string, url?: string): CiRun {
  return {
    platform,
    ...(event ? { event } : {}),
    ...(number ? { number: `#${number}` } : {}),
    ...(url ? { url } : {}),
  }
}
