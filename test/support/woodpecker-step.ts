import { randomBytes } from 'node:crypto'
import { stripVTControlCharacters } from 'node:util'
import { parse, stringify } from 'yaml'
import { compileSettings } from '../settings/woodpecker.ts'
import type { Engine } from './engine.ts'

/** Options of a pipeline run. */
export type WoodpeckerRun = {
  /** The image to run in place of the pipeline's `image:`. */
  image: string
  secrets?: Record<string, string>
  /** The values of `${NAME}` in the pipeline. */
  variables?: Record<string, string>
  /** `CI_*` variables, over those of a push. */
  ci?: Record<string, string>
}

/** The result of a step; the log without colours. */
export type StepResult = { exitCode: number; log: string }

/**
 * Runs one plugin step of a pipeline file as Woodpecker's docker backend does (pipeline/backend/docker/docker.go): creates a
 * bridge network and a volume for the workflow; creates the container without a network mode, so that it gets the default
 * bridge; connects it to the workflow's network, starts it, waits for it and removes it; removes the network last.
 */
export async function runWoodpeckerStep(
  engine: Engine,
  pipeline: string,
  name: string,
  { image, secrets = {}, variables = {}, ci = {} }: WoodpeckerRun,
): Promise<StepResult> {
  const step = findStep(pipeline, name, variables)
  const workflow = `wp_${randomBytes(13).toString('hex')}_1_default`
  const container = `wp_${randomBytes(13).toString('hex').toUpperCase()}`
  const settings = compileSettings(stringify(step.settings ?? {}), { secrets })
  const environment = { ...pushed, CI_STEP_NAME: name, ...variablesOf(ci), ...settings }
  const { docker } = engine
  await docker(['network', 'create', '--driver=bridge', workflow])
  await docker(['volume', 'create', workflow])
  try {
    await docker([
      ...[
        'create',
        `--name=${container}`,
        `--label=wp_uuid=${container.slice(3)}`,
        `--label=wp_step=${name}`,
      ],
      ...['--log-driver=json-file', `--workdir=${workspace}`, `--volume=${workflow}:/woodpecker`],
      ...Object.entries(environment).map(([key, value]) => `--env=${key}=${value}`),
      image,
    ])
    await docker(['network', 'connect', workflow, container])
    await docker(['start', container])
    const exitCode = Number(await docker(['wait', container]))
    return { exitCode, log: stripVTControlCharacters(await docker(['logs', container])) }
  } finally {
    await docker(['rm', '-f', container])
    await docker(['volume', 'rm', workflow])
    await docker(['network', 'rm', workflow])
  }
}

const workspace = '/woodpecker/src/forge.example.com/team/app'

/** The variables that Woodpecker sets for a push, as far as they matter here; an empty value means not set. */
const pushed = {
  CI: 'woodpecker',
  CI_SYSTEM_NAME: 'woodpecker',
  CI_SYSTEM_VERSION: '3.17.0',
  CI_WORKSPACE: workspace,
  CI_REPO: 'team/app',
  CI_REPO_DEFAULT_BRANCH: 'main',
  CI_REPO_TRUSTED_NETWORK: 'false',
  CI_REPO_TRUSTED_SECURITY: 'false',
  CI_REPO_TRUSTED_VOLUMES: 'false',
  CI_COMMIT_BRANCH: 'main',
  CI_COMMIT_REF: 'refs/heads/main',
  CI_PIPELINE_EVENT: 'push',
  CI_PIPELINE_NUMBER: '366',
  CI_PIPELINE_URL: 'https://ci.example.com/repos/7/pipeline/366',
  CI_STEP_TYPE: 'plugin',
}

const variablesOf = (ci: Record<string, string>) =>
  Object.fromEntries(Object.entries(ci).filter(([, value]) => value !== ''))

type Step = { name?: string; settings?: unknown }

function findStep(pipeline: string, name: string, variables: Record<string, string>): Step {
  const { steps } = parse(pipeline.replaceAll(/\$\{(\w+)\}/g, (_, key: string) => variables[key] ?? ''))
  const all: Step[] = Array.isArray(steps)
    ? steps
    : Object.entries(steps).map(([key, step]) => ({ name: key, ...(step as Step) }))
  const step = all.find((each) => each.name === name)
  if (step === undefined) throw new Error(`the pipeline has no step ${name}`)
  return step
}
