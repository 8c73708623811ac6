import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { contentsOf, image } from '../../../../src/fake-registry/images/images.ts'
import type { EmbeddedRegistry } from '../../../../src/fake-registry/registry.ts'
import { readMirrorConfig } from '../../../../src/observe/path/mirrors/read.ts'
import type { Report } from '../../../../src/report/schema.ts'
import { verifyImages } from '../../../support/verify.ts'
import { useRegistries } from '../../kit.ts'

const startRegistry = useRegistries()

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'regguard-mirror-files-'))
})
afterEach(() => rm(root, { recursive: true }))

async function registryWithApp(): Promise<EmbeddedRegistry> {
  const registry = await startRegistry()
  registry.store.push('app', contentsOf(image('linux/amd64')), '1')
  return registry
}

async function verifyWith(name: string, content: string, { host }: EmbeddedRegistry): Promise<Report> {
  await writeFile(join(root, name), content)
  return verifyImages([`${host}/app:1`], { settings: { mirror_config: join(root, name) } })
}

/** The configurations of a registry with one mirror, in plain HTTP. */
const files: Record<string, (registry: string, mirror: string) => string> = {
  'buildkitd.toml': (registry, mirror) => `[registry."${registry}"]\nmirrors = ["${mirror}"]\n`,
  'registries.conf': (registry, mirror) =>
    `[[registry]]\nlocation = "${registry}"\ninsecure = true\n[[registry.mirror]]\nlocation = "${mirror}"\ninsecure = true\n`,
  'registries.yaml': (registry, mirror) => `mirrors:\n  "${registry}":\n    endpoint: ["http://${mirror}"]\n`,
}

test.each(Object.entries(files))(
  'a healthy mirror of %s is asked, and has no finding',
  async (name, content) => {
    const [registry, mirror] = [await registryWithApp(), await registryWithApp()]
    const { causes } = await verifyWith(name, content(registry.host, mirror.host), registry)
    expect(causes).toEqual([])
    expect(mirror.requests.map(({ path }) => path.split('?')[0])).toContain('/v2/app/manifests/1')
  },
)

test.each(Object.entries(files))('a mirror of %s that is down is a warning', async (name, content) => {
  const registry = await registryWithApp()
  const { causes, exitCode } = await verifyWith(name, content(registry.host, '127.0.0.1:1'), registry)
  expect(causes.map(({ severity, id }) => [severity, id])).toEqual([['warning', 'mirror-unreachable']])
  expect(exitCode).toBe(0)
})

test('mirrors of daemon.json are not asked for another registry than Docker Hub', async () => {
  const [registry, mirror] = [await registryWithApp(), await registryWithApp()]
  const content = JSON.stringify({ 'registry-mirrors': [`http://${mirror.host}`] })
  expect((await verifyWith('daemon.json', content, registry)).causes).toEqual([])
  expect(mirror.requests).toEqual([])
})

test('an invalid daemon.json is an error, though no image needs it', async () => {
  const { causes } = await verifyWith(
    'daemon.json',
    '{"registry-mirrors": ["a.lab"]}',
    await registryWithApp(),
  )
  expect(causes).toMatchObject([
    {
      ...{ id: 'mirror-config-invalid', severity: 'error' },
      findings: [
        { message: 'registry-mirrors[0] “a.lab” has no http:// or https://: dockerd does not start with it' },
      ],
    },
  ])
})

test.each([
  ['docker.json', '{"insecure-registries": []}', 'daemon.json'],
  ['buildkit.conf', '[registry."a"]\n', 'registries.conf'],
  ['buildkit', '[registry."a"]\n', 'buildkitd.toml'],
  ['mirrors.yml', 'mirrors:\n', 'registries.yaml'],
  ['registries', '[[registry]]\nlocation = "a"\n', 'registries.conf'],
])('%s with %j is read as %s', async (name, content, kind) => {
  await writeFile(join(root, name), content)
  expect(await readMirrorConfig(join(root, name))).toMatchObject({ kind })
})

test('registries.conf is read with its drop-ins, in the order of their names', async () => {
  await mkdir(join(root, 'registries.conf.d'))
  for (const name of ['registries.conf', 'registries.conf.d/20.conf', 'registries.conf.d/10.conf'])
    await writeFile(join(root, name), '')
  const names = (folder: string) =>
    ['10.conf', '20.conf'].map((name) => ({ file: join(folder, name), text: '' }))
  const dropIns = names(join(root, 'registries.conf.d'))
  expect(await readMirrorConfig(join(root, 'registries.conf'))).toEqual({
    kind: 'registries.conf',
    files: [{ file: join(root, 'registries.conf'), text: '' }, ...dropIns],
  })
  expect(await readMirrorConfig(join(root, 'registries.conf.d'))).toEqual({
    kind: 'registries.conf',
    files: dropIns,
  })
})
