import { afterAll, beforeAll, expect, test } from 'vitest'
import { adaptPipeline } from '../support/adapt-pipeline.ts'
import { yamlPieces } from '../support/documents.ts'
import { type Engine, startEngine } from '../support/engine.ts'
import { type EngineRegistry, robot, startEngineRegistry, story } from '../support/engine-registry.ts'
import { suiteNeeds } from '../support/need.ts'
import { loadPluginImage, pluginImagePrograms, pluginImageTimeout } from '../support/plugin-image.ts'
import { runWoodpeckerStep } from '../support/woodpecker-step.ts'

suiteNeeds([...pluginImagePrograms, 'docker-registry'])(
  "a step as Woodpecker's docker backend runs it",
  () => {
    let engine: Engine
    let registry: EngineRegistry
    let image: string

    beforeAll(async () => {
      engine = await startEngine()
      image = await loadPluginImage(engine)
      registry = await startEngineRegistry(engine)
    }, pluginImageTimeout)
    afterAll(async () => {
      await registry?.stop()
      await engine?.stop()
    })

    const step = (settings: string, more: { password?: string; variables?: Record<string, string> } = {}) =>
      runWoodpeckerStep(
        engine,
        `
steps:
  - name: verify
    image: regguard-plugin
    settings:
      registry: ${registry.host}
      insecure: true
      username: ${robot.username}
      password: { from_secret: registry_password }
${settings.replaceAll(/^ {6}/gm, '      ')}`,
        'verify',
        {
          image,
          secrets: { registry_password: more.password ?? robot.password },
          ...(more.variables && { variables: more.variables }),
        },
      )

    test('passes for a healthy image, with the settings of the build step', async () => {
      const { exitCode, log } = await step(`
      repo: [${registry.host}/${story.healthy}]
      tags: ["1.2"]
      dockerfile: build/Dockerfile
      platforms: ${story.platforms.join(',')}`)
      expect(log).toContain('✓ image')
      expect(log).toContain('woodpecker · push #366')
      expect(log).toContain('2 platform')
      expect(exitCode).toBe(0)
    })

    test("runs README's step unchanged", async () => {
      const readme = (await yamlPieces()).find(
        ({ kind, place }) => kind === 'woodpecker' && place.startsWith('README.md'),
      )
      const pipeline = adaptPipeline(readme?.text ?? '', {
        image,
        repository: `${registry.host}/${story.healthy}`,
      })
      const run = { image, secrets: { registry_password: robot.password } }
      const { exitCode, log } = await runWoodpeckerStep(engine, pipeline, 'verify', run)
      expect(log).toContain('1 image under 2 tags, 2 platforms')
      expect(exitCode).toBe(0)
    })

    test('fails for an orphaned index, names it and says how to rebuild', async () => {
      const { exitCode, log } = await step(`
      repo: ${registry.host}/${story.broken}
      logins: [{ registry: other.example.com, username: x, password: { from_secret: registry_password } }]`)
      expect(exitCode).toBe(1)
      expect(log).toContain('2 of 2 platform images are gone.')
      expect(log).toMatch(/pipeline 366.* again with the manual event/)
      expect(log).not.toContain(robot.password)
    })

    test('does not blame the image for a wrong password', async () => {
      const { exitCode, log } = await step(
        `      repo: ${registry.host}/${story.healthy}\n      tags: "1.2"`,
        {
          password: 'Wr0ng-password',
        },
      )
      expect(exitCode).toBe(3)
      expect(log).toContain('NOT CHECKED')
      expect(log).toContain('explain bad-credentials')
      expect(log).not.toContain('Wr0ng-password')
    })

    test('reports a mistake in the settings by its YAML key', async () => {
      const { exitCode, log } = await step(`      repo: ${registry.host}/${story.healthy}\n      depth: deep`)
      expect(exitCode).toBe(2)
      expect(log).toContain('settings.depth')
    })

    test('uses the variables of a manual run, and ignores empty ones', async () => {
      const manual = `
      repo: ${registry.host}/${story.healthy}
      tags: \${TAG}
      expect_digest: \${EXPECT_DIGEST}`
      const given = await step(manual, { variables: { TAG: '1.2' } })
      expect(given.exitCode).toBe(0)
      const digest = `sha256:${'0'.repeat(64)}`
      const moved = await step(manual, { variables: { TAG: '1.2', EXPECT_DIGEST: digest } })
      expect(moved.exitCode).toBe(1)
      expect(moved.log).toContain(digest)
    })

    test('leaves no network behind', async () => {
      expect((await engine.docker(['network', 'ls', '--format', '{{.Name}}'])).split('\n').sort()).toEqual([
        ...['bridge', 'host', 'none'],
      ])
    })
  },
)
