import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { multiPlatform } from '../../src/fake-registry/images/images.ts'
import { type EmbeddedRegistry, startRegistry } from '../../src/fake-registry/registry.ts'
import { pushTo, tagged } from '../settings/paste.ts'
import { compileSettings } from '../settings/woodpecker.ts'
import { type CliResult, runCli } from '../support/run-cli.ts'

let registry: EmbeddedRegistry
let root: string
let workspace: string
let output: string
let runs = 0

beforeAll(async () => {
  registry = await startRegistry({})
  const { contents } = multiPlatform({ seed: 'paste' })
  for (const tag of ['1', '1.2', '1.2.3', 'latest']) registry.store.push('team/app', contents, tag)
  root = await mkdtemp(join(tmpdir(), 'regguard-paste-'))
})
beforeEach(async () => {
  runs += 1
  workspace = join(root, `run-${runs}`)
  await mkdir(workspace)
  output = join(root, `output-${runs}`)
})
afterAll(async () => {
  await registry.close()
  await rm(root, { recursive: true, force: true })
})

/** A step of Woodpecker with these settings, in a workspace of its own. */
async function step(yaml: string, env: Record<string, string> = pushTo('main')): Promise<CliResult> {
  const settings = compileSettings(yaml.replaceAll('REGISTRY', registry.host))
  const runner = { CI: 'woodpecker', CI_PIPELINE_NUMBER: '366', FORGEJO_OUTPUT: output }
  const run = await runCli([], { env: { ...runner, ...env, ...settings }, cwd: workspace, snapshot: true })
  return { ...run, stdout: stripVTControlCharacters(run.stdout) }
}

/** The tags that the report names: each digest has one entry, with its further tags. */
const verified = ({ stdout }: CliResult): string[] =>
  [...stdout.matchAll(/ image {3}\S+\/team\/app:(\S+)(?: \(also ([^)]+)\))?/g)].flatMap(
    ([, tag = '', also]) => [tag, ...(also?.split(', ') ?? [])],
  )

/** The last line. */
const lastLine = ({ stdout }: CliResult): string => stdout.trimEnd().split('\n').at(-1) ?? ''

describe('a block of plugin-kaniko', () => {
  const block = 'repo: team/app\nregistry: REGISTRY\nauto_tag: true\ncache: true'

  test('is verified by the git tag, or by the file .tags that it wrote', async () => {
    expect(verified(await step(block, tagged('v1.2.3')))).toEqual(['1', '1.2', '1.2.3', 'latest'])
    await writeFile(join(workspace, '.tags'), '1,latest\n')
    expect(verified(await step('repo: team/app\nregistry: REGISTRY'))).toEqual(['1', 'latest'])
  })
})

test('a file .tags is not read outside a pipeline', async () => {
  await writeFile(join(workspace, '.tags'), '1\n')
  const run = await runCli(['--repo', `${registry.host}/team/app`], { cwd: workspace, snapshot: true })
  expect(verified(run)).toEqual(['latest'])
})

describe('what was not pushed', () => {
  test.each([
    [
      'a branch without tags',
      'auto_tag: true\ndockerfile: x\nplatforms: linux/amd64',
      /auto_tag gives no tag for feature, .* the default branch \(main\)/,
    ],
    ['dry_run', 'dry-run: true', /dry_run: nothing was pushed/],
    ['an archive', 'output: type=oci,dest=x.tar', /output with type=oci pushes nothing/],
  ])('%s is skipped with the reason, and passes', async (_what, yaml, why) => {
    const run = await step(`repo: REGISTRY/team/app\n${yaml}`, pushTo('feature'))
    expect(run.exitCode).toBe(0)
    expect(lastLine(run)).toMatch(why)
    expect(lastLine(run)).toMatch(/^SKIPPED .* nothing is verified · exit 0$/)
    expect(await readFile(output, 'utf8')).toMatch(/^verdict<<(\S+)\nskipped\n\1\n$/)
  })
})

test('tags that are not verified are named before the report', async () => {
  const run = await step('repo: REGISTRY/team/app\nauto_tag: true', tagged('v1.2.3'))
  expect(verified(run)).toEqual(['1', '1.2', '1.2.3'])
  expect(run.stdout).toMatch(/^not verified: latest\. plugin-docker-buildx or plugin-kaniko/)
  expect(run.exitCode).toBe(0)
})

describe('env_file', () => {
  test('overrides the settings of the step, and its secrets stay hidden', async () => {
    await writeFile(
      join(workspace, 'ci.env'),
      'PLUGIN_TAGS=1.2\nPLUGIN_USERNAME=ci\nPLUGIN_PASSWORD=hunter2secret\nPLUGIN_LOG_LEVEL=debug\n',
    )
    const run = await step('repo: REGISTRY/team/app\ntags: latest\nenv_file: ci.env')
    expect(verified(run)).toEqual(['1.2'])
    expect(run.all).not.toContain('hunter2secret')
  })

  test('that is missing is only a warning', async () => {
    const run = await step('repo: REGISTRY/team/app\nenv_file: ci.env')
    expect(run.stdout).toContain('settings.env_file: “ci.env” does not exist in the workspace')
    expect(run.exitCode).toBe(0)
  })
})

describe('log_level', () => {
  test.each(['warn', 'error', 'warning', 'fatal'])(
    '%s prints only the last line of a run without findings',
    async (level) => {
      const run = await step(`repo: REGISTRY/team/app\nlog-level: ${level}`)
      expect(run.exitCode).toBe(0)
      expect(run.stdout.trimEnd().split('\n')).toHaveLength(1)
      expect(run.stdout).toContain('PASSED')
    },
  )

  test('warn prints all findings', async () => {
    const yaml = 'repo: REGISTRY/team/app\ntags: gone'
    const [quiet, usual] = [await step(`${yaml}\nlog_level: warn`), await step(yaml)]
    expect(quiet.exitCode).toBe(1)
    expect(withoutTimes(quiet.stdout)).toBe(withoutTimes(usual.stdout))
  })

  test('debug overrides it', async () => {
    const run = await step('repo: REGISTRY/team/app\nlog_level: warn\ndebug: true')
    expect(run.stdout).toContain('linux/amd64')
    const request = `GET http://${registry.host}/v2/team/app/manifests/latest 200 127.0.0.1 http/1.1 connect`
    expect(run.stdout).toContain(`debug ${request}`)
    expect(run.stdout).toContain('debug ✓ tag-missing: every tag exists\n')
  })
})

const withoutTimes = (text: string): string => text.replaceAll(/[\d.]+ m?s/g, '')

describe('a mistake', () => {
  test('is reported with the YAML that fixes it', async () => {
    const run = await step('repo: REGISTRY/team/app\nusername: ci\npassword: ""')
    expect(run.exitCode).toBe(2)
    expect(run.stdout).toContain(
      [
        'Set the secret’s value and reference it here:',
        '      settings:',
        '        password:',
        '          from_secret: registry_password',
        '',
      ].join('\n'),
    )
    expect(await readFile(output, 'utf8')).toContain('\ninvalid\n')
  })

  test('is reported in the form of Actions there', async () => {
    const env = {
      FORGEJO_ACTIONS: 'true',
      GITHUB_ACTIONS: 'true',
      INPUT_USERNAME: 'ci',
      INPUT_PASSWORD: '',
      INPUT_REPO: 'a.b/c',
    }
    const run = await runCli([], { env })
    expect(run.exitCode).toBe(2)
    expect(run.stdout).toMatch(/ {6}with:\n {8}password: \$\{\{ secrets\.REGISTRY_PASSWORD \}\}\n/)
  })

  test('environment: beside settings: is a warning', async () => {
    const run = await step('repo: REGISTRY/team/app', {
      ...pushTo('main'),
      CI_STEP_TYPE: 'commands',
      CI_STEP_NAME: 'check',
    })
    expect(run.exitCode).toBe(0)
    expect(run.stdout).toContain('this step has both “environment:” and “settings:”')
    expect(run.stdout).toContain('- name: check')
    expect(
      (await step('repo: REGISTRY/team/app', { ...pushTo('main'), CI_STEP_TYPE: 'plugin' })).stdout,
    ).not.toContain('environment:')
  })
})

describe('the header and the way to rebuild', () => {
  test.each([
    ['tag', { ...tagged('v1.2.3') }, 'tag v1.2.3 #366'],
    [
      'pull request',
      { ...pushTo('main'), CI_PIPELINE_EVENT: 'pull_request', CI_COMMIT_PULL_REQUEST: '17' },
      'pull_request 17 #366',
    ],
    [
      'deployment',
      { ...pushTo('main'), CI_PIPELINE_EVENT: 'deployment', CI_PIPELINE_DEPLOY_TARGET: 'production' },
      'deployment production #366',
    ],
    ['cron', { ...pushTo('main'), CI_PIPELINE_EVENT: 'cron' }, 'cron #366'],
    ['manual', { ...pushTo('main'), CI_PIPELINE_EVENT: 'manual' }, 'manual #366'],
  ])('%s', async (_event, env, header) => {
    const run = await step('repo: REGISTRY/team/app', env)
    expect(run.stdout).toContain(` · woodpecker · ${header} · `)
  })

  test('what is missing links to the run', async () => {
    const url = 'https://ci.example.com/repos/7/pipeline/366'
    const run = await step('repo: REGISTRY/team/app\ntags: gone', { ...pushTo('main'), CI_PIPELINE_URL: url })
    expect(run.stdout).toContain(`This run: ${url}`)
  })
})

describe('outputs', () => {
  const actions = { FORGEJO_ACTIONS: 'true', GITHUB_ACTIONS: 'true' }
  const outputs = (text: string): Record<string, string> =>
    Object.fromEntries(
      [...text.matchAll(/^(\w+)<<(\S+)\n([\s\S]*?)\n\2$/gm)].map(([, name, , value]) => [name, value]),
    )

  test.each(['FORGEJO_OUTPUT', 'GITHUB_OUTPUT', 'GITEA_OUTPUT'])('go to the file of %s', async (name) => {
    const report = join(root, `report-${runs}.json`)
    const env = {
      ...actions,
      [name]: output,
      'INPUT_REPORT-JSON': report,
      INPUT_REPO: `${registry.host}/team/app`,
    }
    expect((await runCli([], { env })).exitCode).toBe(0)
    expect(outputs(await readFile(output, 'utf8'))).toEqual({
      verdict: 'ok',
      digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      report,
    })
  })

  test('that cannot be written are lost, but not the verdict', async () => {
    const env = {
      ...actions,
      FORGEJO_OUTPUT: root,
      GITHUB_STEP_SUMMARY: root,
      INPUT_REPO: `${registry.host}/team/app`,
    }
    const run = await runCli([], { env })
    expect(run.exitCode).toBe(0)
    expect(run.stdout.match(/a file of the CI runner cannot be written/g)).toHaveLength(1)
    expect(run.stdout).toContain('PASSED')
  })
})

describe('a step whose login is for another registry than the image', () => {
  const login = ['username: ci', 'password: { from_secret: registry_password }', 'tags: 1']
  const secrets = { registry_password: 'forge-secret' }
  let closed: EmbeddedRegistry

  beforeAll(async () => {
    closed = await startRegistry({ auth: { kind: 'bearer', users: { ci: secrets.registry_password } } })
    closed.store.push('team/app', multiPlatform({ seed: 'closed' }).contents, '1')
  })
  afterAll(() => closed?.close())

  const run = async (...lines: string[]) => {
    const settings = compileSettings([`repo: ${closed.host}/team/app`, ...lines].join('\n'), { secrets })
    const { exitCode, stdout } = await runCli([], {
      env: { CI: 'woodpecker', CI_PIPELINE_NUMBER: '366', ...pushTo('main'), ...settings },
      cwd: workspace,
    })
    return { exitCode, log: stripVTControlCharacters(stdout) }
  }

  test('names both, and the login is not sent to the image', async () => {
    const before = closed.requests.length
    const { exitCode, log } = await run(...login, 'registry: forge.example.com')
    expect(exitCode).toBe(3)
    expect(log).toContain(
      `The login of username and password is for forge.example.com, and the image is at ${closed.host}.`,
    )
    expect(log).toContain(`set “registry: ${closed.host}”; otherwise add a login for it to logins.`)
    expect(log).not.toContain('give username and password')
    const sent = closed.requests.slice(before)
    expect(sent.length).toBeGreaterThan(0)
    expect(sent.filter(({ authorization }) => authorization === 'basic')).toEqual([])
  })

  test.each([
    ['with the registry of the image', () => [...login, `registry: ${closed.host}`]],
    [
      'with a login of its own',
      () => [
        ...login,
        'registry: forge.example.com',
        `logins: '[{"registry":"${closed.host}","username":"ci","password":"${secrets.registry_password}"}]'`,
      ],
    ],
  ])('passes %s, as advised', async (_advice, lines) => {
    const { exitCode, log } = await run(...lines())
    expect(log).not.toContain('The login of username')
    expect(exitCode).toBe(0)
  })
})
