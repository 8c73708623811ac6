import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Engine, startEngine } from '../support/engine.ts'
import { type EngineRegistry, robot, startEngineRegistry, story } from '../support/engine-registry.ts'
import { reportPath, runForgejoAction } from '../support/forgejo-step.ts'
import { suiteNeeds } from '../support/need.ts'
import { loadPluginImage, pluginImagePrograms, pluginImageTimeout } from '../support/plugin-image.ts'

suiteNeeds([...pluginImagePrograms, 'docker-registry'])(
  'a docker action as the Forgejo runner runs it',
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

    const healthy = () => ({
      repo: `${registry.host}/${story.healthy}`,
      tags: '1.2',
      insecure: 'true',
      ...robot,
    })

    test('by action.yml: passes for a healthy image, and writes outputs, summary and report', async () => {
      const done = await runForgejoAction(engine, image, { ...healthy(), report_json: reportPath })
      expect(done.log).toContain('✓ image')
      expect(done.exitCode).toBe(0)
      expect(outputsIn(done.outputs)).toEqual({
        verdict: 'ok',
        digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
        report: reportPath,
      })
      expect(done.summary).toContain(story.healthy)
      expect(JSON.parse(done.report ?? '')).toMatchObject({ exitCode: 0 })
    })

    test('by docker://: accepts dashes in names', async () => {
      const given = { ...healthy(), insecure: '', 'plain-http': 'true', 'fail-on': 'warning' }
      const done = await runForgejoAction(engine, image, given, { docker: true })
      expect(done.exitCode).toBe(0)
      expect(done.log).not.toContain('no such setting')
    })

    test('fails for an orphaned index and names it', async () => {
      const done = await runForgejoAction(engine, image, {
        ...healthy(),
        repo: `${registry.host}/${story.broken}`,
        tags: 'latest',
      })
      expect(done.exitCode).toBe(1)
      expect(done.log).toContain('2 of 2 platform images are gone.')
      expect(done.log).not.toMatch(/^::error/m)
      expect(outputsIn(done.outputs)).toMatchObject({ verdict: 'findings' })
    })

    test('does not take tags that arrive empty for latest', async () => {
      const done = await runForgejoAction(engine, image, { ...healthy(), tags: '' })
      expect(done.exitCode).toBe(2)
      expect(done.log).toContain('settings.tags: arrived empty.')
    })

    test('does not blame the image for a wrong password', async () => {
      const done = await runForgejoAction(engine, image, { ...healthy(), password: 'Wr0ng-password' })
      expect(done.exitCode).toBe(3)
      expect(done.log).toContain('explain bad-credentials')
      expect(outputsIn(done.outputs)).toMatchObject({ verdict: 'unchecked' })
      // The runner removes the add-mask line from the log.
      expect(done.log.split('\n').filter((line) => line.includes('Wr0ng'))).toEqual([
        '::add-mask::Wr0ng-password',
      ])
    })

    test('reports the path where a report cannot be written', async () => {
      const done = await runForgejoAction(engine, image, { ...healthy(), report_json: 'report.json' })
      expect(done.exitCode).toBe(2)
      expect(done.log).toContain('settings.report_json')
      expect(done.log).toContain('EACCES')
    })
  },
)

/** Parses the output file as the runner does: `name<<delimiter`, the value's lines, the delimiter. */
function outputsIn(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/^(\w+)<<(\S+)\n([\s\S]*?)\n\2$/gm)].map(([, name, , value]) => [name, value]),
  )
}
