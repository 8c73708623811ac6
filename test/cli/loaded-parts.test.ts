import { globSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import { mainFile } from '../support/main-program.ts'
import { runCli } from '../support/run-cli.ts'

/** What a command loads: the sources in the parts of the program that it read, and their size. */
interface Loaded {
  bytes: number
  sources: string[]
}

const parts = dirname(mainFile)

async function loadedBy(...args: string[]): Promise<Loaded> {
  const directory = await mkdtemp(join(tmpdir(), 'regguard-loaded-'))
  try {
    // Node lists the scripts that it loaded beside what of them it ran.
    await runCli(args, { env: { NODE_V8_COVERAGE: directory } })
    const urls: string[] = []
    for (const name of await readdir(directory)) {
      const { result } = JSON.parse(await readFile(join(directory, name), 'utf8'))
      urls.push(...result.map(({ url }: { url: string }) => url))
    }
    const ours = urls.filter((url) => url.startsWith('file:')).map((url) => fileURLToPath(url))
    return await contentOf(ours.filter((file) => file.startsWith(parts)))
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

async function contentOf(files: string[]): Promise<Loaded> {
  const content: Loaded = { bytes: 0, sources: [] }
  for (const file of files) {
    content.bytes += (await stat(file)).size
    const map: { sources: string[] } = JSON.parse(await readFile(`${file}.map`, 'utf8'))
    content.sources.push(...map.sources.map((source) => source.replace(/^(\.\.\/)+/, '')))
  }
  return content
}

const below = ({ sources }: Loaded, folder: string) => sources.filter((source) => source.startsWith(folder))

test('--version loads neither a package nor the settings', async () => {
  const loaded = await loadedBy('--version')
  expect(loaded.sources).toContain('src/main.ts')
  expect(below(loaded, 'node_modules/')).toEqual([])
  expect(below(loaded, 'src/settings/')).toEqual([])
  expect(loaded.bytes).toBeLessThan(50_000)
})

test('explain loads the pages, and neither HTTP nor the checks of a run', async () => {
  const loaded = await loadedBy('explain', 'tag-missing')
  expect(below(loaded, 'src/cli/pages.ts')).toHaveLength(1)
  expect(below(loaded, 'node_modules/undici/')).toEqual([])
  expect(below(loaded, 'src/observe/')).toEqual([])
})

describe('a verification', () => {
  let loaded: Loaded
  let built: Loaded
  beforeAll(async () => {
    loaded = await loadedBy('127.0.0.1:1/team/app:1', '--checks', 'image')
    built = await contentOf(globSync('**/*.mjs', { cwd: parts }).map((file) => join(parts, file)))
  })

  test('loads the checks and HTTP', () => {
    expect(below(loaded, 'src/checks/image/')).not.toEqual([])
    expect(below(loaded, 'node_modules/undici/')).not.toEqual([])
  })

  test.each([
    'src/cli/pages.ts',
    'src/fake-registry/',
    'src/observe/storage/filesystem/read.ts',
    'src/observe/watch/',
    'src/outputs/html/page.ts',
    'src/outputs/junit.ts',
    'src/probe/',
    'src/watch/',
  ])('does not load %s', (folder) => {
    expect(below(built, folder)).not.toEqual([])
    expect(below(loaded, folder)).toEqual([])
  })
})
