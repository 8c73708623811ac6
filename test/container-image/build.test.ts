import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import about from '../../package.json' with { type: 'json' }
import { type Engine, startEngine } from '../support/engine.ts'
import { type EngineRegistry, startEngineRegistry } from '../support/engine-registry.ts'
import { suiteNeeds } from '../support/need.ts'
import {
  buildPluginImage,
  loadBase,
  loadPluginImage,
  pluginImage,
  pluginImagePrograms,
  pluginImageTimeout,
} from '../support/plugin-image.ts'
import { allowedInImage } from './contents.ts'

suiteNeeds([...pluginImagePrograms, 'docker-registry'])('the plugin image', () => {
  let engine: Engine

  beforeAll(async () => {
    engine = await startEngine()
    await loadPluginImage(engine)
  }, pluginImageTimeout)
  afterAll(() => engine?.stop())

  const inspect = async (image: string, format: string) =>
    JSON.parse(await engine.docker(['image', 'inspect', image, '--format', `{{json ${format}}}`]))

  test('the classic builder and BuildKit give the same layers, without a cache', {
    timeout: 300_000,
  }, async () => {
    await loadBase(engine)
    await buildPluginImage(engine, 'again:classic', { builder: 'classic' })
    const layers = await inspect(pluginImage, '.RootFS.Layers')
    expect(layers).toHaveLength(2)
    expect(await inspect('again:classic', '.RootFS.Layers')).toEqual(layers)
    expect(await inspect('again:classic', '.Config.Entrypoint')).toEqual(
      await inspect(pluginImage, '.Config.Entrypoint'),
    )
  })

  test('contains Node, the bundle, the tools with their libraries and licences, and nothing else', async () => {
    const files = await listFiles(engine, pluginImage)
    expect(files.filter((file) => !allowedInImage(file))).toEqual([])
    for (const file of ['usr/local/bin/node', 'usr/local/lib/regguard/regguard-plugin.mjs', 'usr/sbin/nft']) {
      expect(files).toContain(file)
    }
  })

  test('runs as 65532, without a shell, and has labels', async () => {
    const config = await inspect(pluginImage, '.Config')
    expect(config.User).toBe('65532:65532')
    expect(config.Entrypoint).toEqual([
      ...['/usr/local/bin/node', '--snapshot-blob', '/usr/local/lib/regguard/regguard-plugin.snapshot'],
      '/usr/local/lib/regguard/regguard-plugin.mjs',
    ])
    expect(config.Cmd).toBeNull()
    expect(config.Env).toContain('MALLOC_ARENA_MAX=1')
    expect(config.Labels).toMatchObject({
      'org.opencontainers.image.title': 'regguard',
      'org.opencontainers.image.licenses': about.license,
      'org.opencontainers.image.version': about.version,
    })
  })

  test('is under 60 MB in a real registry, and verifies itself there', async () => {
    const registry = await startEngineRegistry(engine, { login: false })
    try {
      const name = `${registry.local}/regguard/regguard-plugin:${about.version}`
      await engine.docker(['tag', pluginImage, name])
      await engine.docker(['push', name])
      const manifest = await pushedManifest(registry, 'regguard/regguard-plugin', about.version)
      const bytes = [manifest.config, ...manifest.layers].reduce((sum, { size }) => sum + size, 0)
      expect(bytes).toBeGreaterThan(30_000_000)
      expect(bytes).toBeLessThan(60_000_000)
      const printed = await engine.docker([
        'run',
        '--rm',
        '--network=host',
        pluginImage,
        name,
        '--depth',
        'full',
      ])
      expect(printed).toContain('✓ image')
      expect(printed).toContain('exit 0')
    } finally {
      await registry.stop()
    }
  })
})

type Manifest = { config: { size: number }; layers: { size: number }[] }

/** The manifest in the registry's storage under a tag. */
async function pushedManifest(registry: EngineRegistry, repository: string, tag: string): Promise<Manifest> {
  const store = join(registry.root, 'docker/registry/v2')
  const link = join(store, 'repositories', repository, '_manifests/tags', tag, 'current/link')
  const hex = (await readFile(link, 'utf8')).trim().replace('sha256:', '')
  return JSON.parse(await readFile(join(store, 'blobs/sha256', hex.slice(0, 2), hex, 'data'), 'utf8'))
}

/** The files and links of an image, without directories and the files that an engine adds to a container. */
async function listFiles(engine: Engine, image: string): Promise<string[]> {
  const directory = await mkdtemp(join(tmpdir(), 'regguard-export-'))
  const archive = join(directory, 'image.tar')
  const container = await engine.docker(['create', image])
  try {
    await engine.docker(['export', '--output', archive, container])
    const { stdout } = await execa('tar', ['-tf', archive])
    return stdout.split('\n').filter((name) => !name.endsWith('/'))
  } finally {
    await engine.docker(['rm', container])
    await rm(directory, { recursive: true })
  }
}
