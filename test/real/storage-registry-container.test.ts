import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { EngineApi } from '../../src/observe/runner/docker/api.ts'
import { openEngine } from '../../src/observe/runner/docker/socket.ts'
import { type HostAccess, openHostAccess } from '../../src/observe/runner/host-access.ts'
import { observeRegistryContainer } from '../../src/observe/storage/engine/registry-container.ts'
import { type Engine, enginePrograms, startEngine } from '../support/engine.ts'
import { suiteNeeds } from '../support/need.ts'
import { importToolImage, toolPrograms } from '../support/tool-image.ts'

suiteNeeds([...enginePrograms, ...toolPrograms])(
  'the container of a registry, as a real engine sees it',
  () => {
    let engine: Engine
    let api: EngineApi
    let folder: string
    const { signal } = new AbortController()
    const host = openHostAccess({ signal, now: Date.now, path: process.env.PATH ?? '' })

    /** Builds an image as the official one is built: a step that names the version. */
    const build = (name: string, version: string) =>
      engine.docker(['build', '--network', 'none', '--tag', name, '-'], {
        input: `FROM tools\nSHELL ["sh", "-c"]\nRUN set -eu; version='${version}'; echo "registry_\${version}_linux_amd64.tar.gz"\n`,
      })
    const observe = (root: string, access: HostAccess = host) => observeRegistryContainer(api, access, root)

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'regguard-registry-data-'))
      await mkdir(join(folder, 'docker'))
      engine = await startEngine()
      await importToolImage(engine)
      await build('registry:2', '2.8.3')
      const connection = await openEngine({ setting: engine.socket, env: {}, uid: 0, signal })
      if (!connection.api) throw new Error('the engine does not answer')
      api = connection.api
      await engine.docker([
        'run',
        '-d',
        '--name',
        'other',
        '-v',
        `${folder}-other:/var/lib/registry`,
        'tools',
      ])
    })
    afterAll(async () => {
      await api?.close()
      await engine?.stop()
      for (const path of [folder, `${folder}-other`]) await rm(path, { recursive: true, force: true })
    })

    test('is none while no container has the folder', async () => {
      expect(await observe(folder)).toMatchObject({
        seen: false,
        applies: false,
        why: expect.stringContaining(folder),
      })
    })

    test('is found by the folder, with the version of its image', async () => {
      await engine.docker([
        'run',
        '-d',
        '--name',
        'registry',
        '-v',
        `${folder}:/var/lib/registry`,
        'registry:2',
      ])
      const value = { name: 'registry', image: 'registry:2', version: { text: '2.8.3', from: 'history' } }
      const found = await observe(folder)
      expect(found).toMatchObject({ seen: true, value })
      // The image has no configuration where the official ones have theirs.
      expect(found.seen && found.value).not.toHaveProperty('config')
      expect(await observe(`${folder}/docker/`)).toMatchObject({ seen: true, value })
    })

    test('is found from inside a container, whose own mounts lead to the folder', async () => {
      const step = await engine.docker([
        'run',
        '-d',
        '--name',
        'step',
        '-v',
        `${folder}/docker:/data:ro`,
        'tools',
      ])
      const inside: HostAccess = {
        ...host,
        read: async (path) => ({
          ok: true,
          truncated: false,
          text: path.endsWith('mountinfo')
            ? `1 2 8:1 /var/lib/docker/containers/${step}/hosts /etc/hosts rw`
            : '',
        }),
      }
      expect(await observe('/data', inside)).toMatchObject({ seen: true, value: { name: 'registry' } })
      expect(await observe('/elsewhere', inside)).toMatchObject({ seen: false, applies: false })
      await engine.docker(['rm', '-f', 'step'])
    })

    test('is told from what its tag has come to name', async () => {
      await build('registry:2', '2.8.4')
      expect(await observe(folder)).toMatchObject({
        seen: true,
        value: {
          ...{ image: 'registry:2', version: { text: '2.8.3', from: 'history' } },
          replacedBy: { version: '2.8.4' },
        },
      })
    })

    test.each([
      ['its environment', ['-e', 'REGISTRY_PROXY_REMOTEURL=https://registry.example.com'], 'environment'],
      ['an empty variable, which undoes the file', ['-e', 'REGISTRY_PROXY_REMOTEURL='], undefined],
      ['the file that it was started with', [], 'configuration'],
      ['a file that sets no proxy', ['plain'], undefined],
    ])('is known as a pull-through cache by %s', async (_, [option, value], cache) => {
      await engine.docker(['rm', '-f', 'registry'])
      const config = join(folder, 'config.yml')
      const proxy =
        option === 'plain' ? '' : 'proxy:\n  remoteurl: https://registry.example.com\n  password: secret\n'
      await writeFile(config, `version: 0.1\n# caf\u00e9\n${proxy}`)
      const path = '/etc/distribution/config.yml'
      await engine.docker([
        ...[
          'run',
          '-d',
          '--name',
          'registry',
          '-v',
          `${folder}:/var/lib/registry`,
          '-v',
          `${config}:${path}:ro`,
        ],
        ...(option === '-e' ? [option, value ?? ''] : []),
        ...['registry:2', 'sh', '-c', 'sleep 1000', path],
      ])
      const found = await observe(folder)
      expect(found).toMatchObject({ seen: true, value: { name: 'registry' } })
      expect(found.seen && found.value.cache).toBe(cache)
      expect(found.seen && found.value.config).toBe(path)
      expect(JSON.stringify(found)).not.toContain('secret')
    })

    test('is not guessed where two have the folder', async () => {
      await engine.docker([
        'run',
        '-d',
        '--name',
        'second',
        '-v',
        `${folder}:/var/lib/registry`,
        'registry:2',
      ])
      expect(await observe(folder)).toMatchObject({
        seen: false,
        why: expect.stringContaining('2 running containers'),
      })
      await engine.docker(['rm', '-f', 'second'])
    })
  },
)
