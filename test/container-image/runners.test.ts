import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { copyAction } from '../support/action-copy.ts'
import { adaptPipeline } from '../support/adapt-pipeline.ts'
import { yamlPieces } from '../support/documents.ts'
import { type Engine, startEngine } from '../support/engine.ts'
import { type EngineRegistry, robot, startEngineRegistry, story } from '../support/engine-registry.ts'
import { findProgram, suiteNeeds } from '../support/need.ts'
import {
  loadBase,
  loadPluginImage,
  pluginImagePrograms,
  pluginImageTimeout,
} from '../support/plugin-image.ts'
import { baseName } from '../support/stand-in-base.ts'
import { type Suite, suiteWithout } from '../support/suite.ts'

const project = fileURLToPath(new URL('../../', import.meta.url))
const pieces = await yamlPieces()

/** These programs come with the platforms; CI cannot build them where they are not installed. */
const suiteWith = (program: string): Suite =>
  findProgram(program) === undefined
    ? suiteWithout(`needs ${program}, not found on the PATH`, { mustRunInCi: false })
    : suiteNeeds([...pluginImagePrograms, 'docker-registry'])

/** An engine with the image and a registry, and a directory to run in. */
function setUp() {
  const access = {} as { engine: Engine; registry: EngineRegistry; image: string; directory: string }
  beforeAll(async () => {
    access.directory = await mkdtemp(join(tmpdir(), 'regguard-runner-'))
    access.engine = await startEngine()
    access.image = await loadPluginImage(access.engine)
    access.registry = await startEngineRegistry(access.engine)
  }, pluginImageTimeout)
  afterAll(async () => {
    await access.registry?.stop()
    await access.engine?.stop()
    await rm(access.directory, { recursive: true, force: true })
  })
  const run = async (program: string, args: string[]) => {
    const done = await execa(program, args, {
      cwd: access.directory,
      all: true,
      reject: false,
      stdin: 'ignore',
      extendEnv: false,
      env: { PATH: process.env.PATH, HOME: access.directory, DOCKER_HOST: `unix://${access.engine.socket}` },
    })
    return { exitCode: done.exitCode, log: done.all }
  }
  return { access, run }
}

suiteWith('woodpecker-cli')('documented pipelines in woodpecker-cli', () => {
  const { access, run } = setUp()
  const pipelines = pieces.filter(({ kind, text }) => kind === 'woodpecker' && /^steps:/m.test(text))
  const file = (content: string) => writeFile(join(access.directory, '.woodpecker.yml'), content)
  const target = (repository: string) => ({
    image: access.image,
    repository: `${access.registry.host}/${repository}`,
  })
  const exec = (event: string, variables: string[] = []) =>
    run('woodpecker-cli', [
      ...['exec', '--backend-engine', 'docker', '--repo-trusted-security', '--pipeline-event', event],
      ...['--secrets', `registry_password=${robot.password},cosign_password=x,cosign_private_key=x`],
      ...variables.flatMap((variable) => ['--env', variable]),
      '.woodpecker.yml',
    ])

  test.each(pipelines)('$place passes its linter', async ({ text }) => {
    await file(text)
    const { exitCode, log } = await run('woodpecker-cli', ['lint', '.woodpecker.yml'])
    expect({ exitCode, log }).toMatchObject({ exitCode: 0 })
  })

  test("README's step passes for a healthy image and fails for an orphaned index", async () => {
    const readme = pipelines.find(({ place }) => place.startsWith('README.md'))?.text ?? ''
    await file(adaptPipeline(readme, target(story.healthy)))
    expect(await exec('push')).toMatchObject({ exitCode: 0, log: expect.stringContaining('PASSED') })
    await file(adaptPipeline(readme, target(story.broken)))
    expect(await exec('push')).toMatchObject({ exitCode: 1, log: expect.stringContaining('Orphaned index') })
  })

  test("a manual run of the project's own pipeline builds nothing and verifies the existing image", async () => {
    const own = await readFile(join(project, '.woodpecker.yml'), 'utf8')
    await file(
      adaptPipeline(own, target(story.healthy)).replaceAll(
        'username: regguard',
        `username: ${robot.username}`,
      ),
    )
    const healthy = await exec('manual', ['TAGS=1.2'])
    expect(healthy).toMatchObject({ exitCode: 0, log: expect.stringContaining('PASSED') })
    const moved = await exec('manual', ['TAGS=1.2', `EXPECT_DIGEST=sha256:${'0'.repeat(64)}`])
    expect(moved).toMatchObject({ exitCode: 1, log: expect.stringContaining('explain tag-moved') })
  })
})

suiteWith('forgejo-runner')('documented workflows in forgejo-runner', () => {
  const { access, run } = setUp()
  const workflow = '.forgejo/workflows/image.yml'
  const exec = (job: string) =>
    run('forgejo-runner', [
      ...['exec', '--workflows', workflow, '--job', job, '--event', 'workflow_dispatch', '--image', 'job:1'],
      ...['--container-daemon-socket', '-', '--secret', `REGISTRY_PASSWORD=${robot.password}`],
    ])

  test.each(pieces.filter(({ kind }) => kind === 'workflow' || kind === 'action'))(
    '$place passes its schema',
    async ({ text, kind }) => {
      const path = join(access.directory, 'checked.yml')
      await writeFile(path, kind === 'workflow' && !/^on:/m.test(text) ? `on: push\n${text}` : text)
      const { exitCode, log } = await run('forgejo-runner', ['validate', `--${kind}`, '--path', path])
      expect({ exitCode, log }).toMatchObject({ exitCode: 0 })
    },
  )

  test("README's step and the workflow to copy run and verify", { timeout: 300_000 }, async () => {
    await loadBase(access.engine)
    await access.engine.docker(['tag', await baseName(), 'job:1'])
    await copyAction(access.directory)
    const verified = async (yaml: string, repository: string) => {
      const target = { image: access.image, repository: `${access.registry.host}/${repository}` }
      // `exec` cannot pass inputs.
      const text = adaptPipeline(yaml, target).replace(/tags: .*inputs.tags.*/, 'tags: latest')
      await writeFile(
        join(access.directory, workflow),
        /^on:/m.test(text) ? text : `on: workflow_dispatch\n${text}`,
      )
      return exec('verify')
    }
    const readme =
      pieces.find(({ kind, place }) => kind === 'workflow' && place.startsWith('README.md'))?.text ?? ''
    expect((await verified(readme, story.healthy)).log).toContain('PASSED')
    const copied = await readFile(join(project, workflow), 'utf8')
    const healthy = await verified(copied, story.healthy)
    expect(healthy).toMatchObject({ exitCode: 0, log: expect.stringContaining('verdict ok, digest sha256:') })
    const broken = await verified(copied, story.broken)
    expect(broken).toMatchObject({ exitCode: 1, log: expect.stringContaining('Orphaned index') })
  })
})
