import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { copyAction } from '../support/action-copy.ts'
import { type Engine, startEngine } from '../support/engine.ts'
import { type EngineRegistry, robot, startEngineRegistry, story } from '../support/engine-registry.ts'
import { findGoProgram, hasGo } from '../support/go-programs.ts'
import { suiteNeeds } from '../support/need.ts'
import { loadBase, pluginImagePrograms, pluginImageTimeout } from '../support/plugin-image.ts'
import { baseName } from '../support/stand-in-base.ts'
import { suiteWithout } from '../support/suite.ts'

const act = findGoProgram('act', /^act version /)
const suite =
  act === undefined
    ? suiteWithout('needs act, not found on the PATH or where Go installs programs', { mustRunInCi: hasGo })
    : suiteNeeds([...pluginImagePrograms, 'docker-registry'])

suite('.forgejo/workflows/image.yml, started manually in act', () => {
  let engine: Engine
  let registry: EngineRegistry
  let directory: string

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'regguard-act-'))
    await copyAction(directory)
    engine = await startEngine()
    await loadBase(engine)
    registry = await startEngineRegistry(engine)
  }, pluginImageTimeout)
  afterAll(async () => {
    await registry?.stop()
    await engine?.stop()
    if (directory !== undefined) await rm(directory, { recursive: true, force: true })
  })

  /** `-b` lets `uses: ./` find action.yml; jobs use the engine's own network, which is act's default. */
  const dispatch = async (inputs: Record<string, string>) => {
    const done = await execa(
      act ?? '',
      [
        ...[
          'workflow_dispatch',
          '--workflows',
          '.forgejo/workflows/image.yml',
          '--job',
          'verify',
          '--bind',
          '--rm',
        ],
        ...['--platform', `docker=${await baseName()}`, '--pull=false', '--container-daemon-socket', '-'],
        ...['--no-cache-server', '--secret', `REGISTRY_PASSWORD=${robot.password}`],
        ...Object.entries(inputs).flatMap(([name, value]) => ['--input', `${name}=${value}`]),
      ],
      {
        cwd: directory,
        all: true,
        reject: false,
        stdin: 'ignore',
        extendEnv: false,
        env: { PATH: process.env.PATH, HOME: directory, DOCKER_HOST: `unix://${engine.socket}` },
      },
    )
    return { exitCode: done.exitCode, log: done.all }
  }

  test('builds the action from its Dockerfile and passes for a healthy image', {
    timeout: 300_000,
  }, async () => {
    const { exitCode, log } = await dispatch({ image: `${registry.local}/${story.healthy}`, tags: '1.2' })
    expect(log).toContain('docker build -t')
    expect(log).toContain('PASSED')
    expect(log).toMatch(/\| verdict ok, digest sha256:[0-9a-f]{64}$/m)
    expect(log).not.toContain(robot.password)
    expect(exitCode).toBe(0)
  })

  test('fails the job for an orphaned index, and the next step still has the outputs', {
    timeout: 120_000,
  }, async () => {
    const { exitCode, log } = await dispatch({ image: `${registry.local}/${story.broken}` })
    expect(log).toContain('Orphaned index')
    expect(log).toMatch(/\| verdict findings, digest sha256:[0-9a-f]{64}$/m)
    expect(exitCode).toBe(1)
  })
})
