import { randomBytes } from 'node:crypto'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { parse } from 'yaml'
import type { Engine } from './engine.ts'
import type { StepResult } from './woodpecker-step.ts'

/** The result of an action, with the contents of its command files. */
export type ActionResult = StepResult & { outputs: string; summary: string; report: string | undefined }

const commandFiles = {
  OUTPUT: 'outputcmd.txt',
  STATE: 'statecmd.txt',
  STEP_SUMMARY: 'SUMMARY.md',
  ENV: 'envs.txt',
}
const commands = '/var/run/act/workflow'
const workspace = '/workspace/team/app'

/**
 * Runs the image as the Forgejo runner (and act, from which it is derived) runs a docker action: a job container in its own
 * bridge network; the action's container in the job's network namespace, with the job's volumes for the workspace and the
 * command files, which are world-writable; every input of action.yml as INPUT_NAME, empty where `with` does not set it.
 */
export async function runForgejoAction(
  engine: Engine,
  image: string,
  given: Record<string, string>,
  { docker: direct = false }: { docker?: boolean } = {},
): Promise<ActionResult> {
  const { docker } = engine
  const network = `WORKFLOW-${randomBytes(16).toString('hex')}`
  const job = `FORGEJO-ACTIONS-TASK-${randomBytes(2).readUInt16BE()}_WORKFLOW-verify_JOB-verify`
  const volumes = [`--volume=${job}:${workspace}`, `--volume=${job}-env:/var/run/act`]
  const files = await makeCommandFiles()
  const environment = { ...runner, ...(await inputs(given, direct)) }
  await docker(['network', 'create', '--driver=bridge', network])
  try {
    await docker([
      ...[
        'create',
        `--name=${job}`,
        `--network=${network}`,
        ...volumes,
        '--user=0',
        '--entrypoint=socat',
        image,
      ],
      ...['-u', 'TCP-LISTEN:1', 'OPEN:/dev/null'],
    ])
    await docker(['cp', join(files, 'workflow'), `${job}:/var/run/act/`])
    await docker(['start', job])
    await docker([
      ...['create', `--name=${job}_STEP`, `--network=container:${job}`, ...volumes, `--workdir=${workspace}`],
      ...Object.entries(environment).map(([key, value]) => `--env=${key}=${value}`),
      image,
    ])
    await docker(['start', `${job}_STEP`])
    const exitCode = Number(await docker(['wait', `${job}_STEP`]))
    const log = stripVTControlCharacters(await docker(['logs', `${job}_STEP`]))
    await docker(['cp', `${job}:${commands}`, join(files, 'after')])
    const after = (name: string) => readFile(join(files, 'after', name), 'utf8')
    const report = given.report_json && (await after('report.json').catch(() => undefined))
    return {
      exitCode,
      log,
      outputs: await after(commandFiles.OUTPUT),
      summary: await after(commandFiles.STEP_SUMMARY),
      report: report || undefined,
    }
  } finally {
    await docker(['rm', '-fv', `${job}_STEP`, job]).catch(() => {})
    await docker(['volume', 'rm', '-f', job, `${job}-env`])
    await docker(['network', 'rm', network])
    await rm(files, { recursive: true, force: true })
  }
}

/** The path for `report_json`: among the command files, as that directory is world-writable. */
export const reportPath = `${commands}/report.json`

const github = {
  ACTIONS: 'true',
  EVENT_NAME: 'push',
  REF: 'refs/heads/main',
  REF_NAME: 'main',
  REPOSITORY: 'team/app',
  REPOSITORY_OWNER: 'team',
  RUN_ID: '41',
  RUN_NUMBER: '7',
  SERVER_URL: 'https://forge.example.com',
  WORKSPACE: workspace,
  ...Object.fromEntries(Object.entries(commandFiles).map(([name, file]) => [name, `${commands}/${file}`])),
}

const runner: Record<string, string> = {
  CI: 'true',
  ACT: 'true',
  GITEA_ACTIONS: 'true',
  RUNNER_OS: 'Linux',
  RUNNER_TEMP: '/tmp',
  ...Object.fromEntries(
    Object.entries(github).flatMap(([name, value]) => [
      [`GITHUB_${name}`, value],
      [`FORGEJO_${name}`, value],
    ]),
  ),
}

/** The inputs as variables. `uses: docker://` has no action.yml, so it passes only the inputs in `with`. */
async function inputs(given: Record<string, string>, direct: boolean): Promise<Record<string, string>> {
  const action = parse(await readFile(new URL('../../action.yml', import.meta.url), 'utf8'))
  const declared = direct
    ? []
    : Object.keys(action.inputs).map((name) => [name, action.inputs[name].default ?? ''])
  return Object.fromEntries(
    [...declared, ...Object.entries(given)].map(([name, value]) => [
      `INPUT_${name.toUpperCase().replaceAll(/[^A-Z0-9-]/g, '_')}`,
      value,
    ]),
  )
}

async function makeCommandFiles(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'regguard-commands-'))
  await mkdir(join(directory, 'workflow'))
  for (const file of Object.values(commandFiles)) {
    await writeFile(join(directory, 'workflow', file), '')
    await chmod(join(directory, 'workflow', file), 0o666)
  }
  await chmod(join(directory, 'workflow'), 0o777)
  return directory
}
