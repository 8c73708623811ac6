import { chmod, copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { multiPlatform } from '../../src/fake-registry/images/images.ts'
import { compileSettings } from '../settings/woodpecker.ts'
import { suiteNeeds } from '../support/need.ts'
import { push } from '../support/push.ts'
import { type RealRegistry, startRealRegistry } from '../support/real-registry.ts'

const bundle = fileURLToPath(new URL('../../dist/regguard-plugin.mjs', import.meta.url))

/** Woodpecker's local backend runs the program named by `image:` in the workspace. */
suiteNeeds(['docker-registry'])(
  'the bundle on PATH, as the local backend runs image: regguard-plugin',
  () => {
    let registry: RealRegistry
    let directory: string

    beforeAll(async () => {
      directory = await mkdtemp(join(tmpdir(), 'regguard-local-'))
      for (const name of ['bin', 'workspace']) await mkdir(join(directory, name))
      await copyFile(bundle, join(directory, 'bin/regguard-plugin'))
      await chmod(join(directory, 'bin/regguard-plugin'), 0o755)
      registry = await startRealRegistry()
      await push(registry.host, 'team/app', multiPlatform().contents, { tag: '1.2' })
    })
    afterAll(async () => {
      await registry?.stop()
      await rm(directory, { recursive: true, force: true })
    })

    /** The program inherits the agent's environment, where it finds `node`. */
    const step = (settings: string) =>
      execa('regguard-plugin', {
        cwd: join(directory, 'workspace'),
        reject: false,
        all: true,
        env: {
          PATH: [join(directory, 'bin'), dirname(process.execPath), '/usr/bin', '/bin'].join(delimiter),
          CI: 'woodpecker',
          CI_PIPELINE_EVENT: 'push',
          ...compileSettings(settings),
        },
        extendEnv: false,
      })

    test('passes for an image that can be pulled', async () => {
      const done = await step(`{ repo: ${registry.host}/team/app, tags: "1.2" }`)
      expect(done.all).toContain('PASSED')
      expect(done.exitCode).toBe(0)
    })

    test('fails for a missing tag', async () => {
      const done = await step(`{ repo: ${registry.host}/team/app, tags: "1.3" }`)
      expect(done.all).toContain('explain tag-missing')
      expect(done.exitCode).toBe(1)
    })
  },
)
