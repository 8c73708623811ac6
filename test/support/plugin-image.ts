import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Engine, enginePrograms, startEngine } from './engine.ts'
import { sharedFile } from './shared-file.ts'
import { baseName, basePrograms, makeStandInBase } from './stand-in-base.ts'

const project = fileURLToPath(new URL('../../', import.meta.url))

/** The programs for `suiteNeeds` in suites that use the plugin image. */
export const pluginImagePrograms = [...enginePrograms, ...basePrograms]

/** The timeout of a hook that loads the image: the first caller waits for the base and the build. */
export const pluginImageTimeout = 600_000

/** The name of the image in every engine. */
export const pluginImage = 'regguard-plugin:built'

/** Loads the image built from this tree into an engine and returns its name. It is built once per test run. */
export async function loadPluginImage(engine: Engine): Promise<string> {
  const archive = await sharedFile(`plugin-${await contentHash(shipped)}.tar`, buildAndSave)
  await engine.docker(['load', '--quiet', '--input', archive])
  return pluginImage
}

/** Loads the stand-in for the base image into an engine, under the base's name. */
export async function loadBase(engine: Engine): Promise<void> {
  const archive = await sharedFile(`base-${await contentHash(baseInputs)}.tar`, makeStandInBase)
  await engine.docker(['import', archive, await baseName()])
}

/** Builds the Dockerfile in an engine that has the base. */
export async function buildPluginImage(
  engine: Engine,
  tag: string,
  { builder, cache = true }: { builder: 'buildkit' | 'classic'; cache?: boolean },
): Promise<void> {
  await engine.docker(['build', '--tag', tag, ...(cache ? [] : ['--no-cache']), project], {
    env: { DOCKER_BUILDKIT: builder === 'buildkit' ? '1' : '0' },
  })
}

async function buildAndSave(archive: string): Promise<void> {
  const engine = await startEngine()
  try {
    await loadBase(engine)
    await buildPluginImage(engine, pluginImage, { builder: 'buildkit' })
    await engine.docker(['save', '--output', archive, pluginImage])
  } finally {
    await engine.stop()
  }
}

/** The inputs of the base and of the image; .dockerignore excludes everything else. */
const baseInputs = ['Dockerfile', 'package-lock.json', 'test/support/stand-in-base.ts']
const shipped = [
  ...baseInputs,
  '.dockerignore',
  'package.json',
  'tsconfig.json',
  'scripts',
  'src',
  'docs/findings',
]

async function contentHash(paths: string[]): Promise<string> {
  const hash = createHash('sha256')
  for (const file of (await Promise.all(paths.map(filesBelow))).flat()) {
    hash.update(`${file}\0`).update(await readFile(join(project, file)))
  }
  return hash.digest('hex').slice(0, 16)
}

async function filesBelow(path: string): Promise<string[]> {
  const entries = await readdir(join(project, path), { withFileTypes: true, recursive: true }).catch(() => [])
  if (entries.length === 0) return [path]
  const files = entries.filter((entry) => entry.isFile())
  return files.map(({ parentPath, name }) => join(parentPath, name).slice(project.length)).sort()
}
