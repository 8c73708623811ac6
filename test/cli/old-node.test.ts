import { globSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { runCli } from '../support/run-cli.ts'

/** Lets a program see another version of Node. */
const preload = (version: string): string =>
  `data:text/javascript,${encodeURIComponent(
    `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } })`,
  )}`

const run = (version: string) =>
  runCli(['--version'], { env: { NODE_OPTIONS: `--import=${preload(version)}` } })

test.each(['18.20.8', '20.20.2', '22.18.0'])(
  'the program names the Node that it needs on Node %s',
  async (version) => {
    const { exitCode, stdout } = await run(version)
    expect(stdout).toMatch(
      new RegExp(
        `^regguard needs Node 22\\.19 or later, and this is Node ${version}; its image brings its own\\.\n$`,
      ),
    )
    expect(exitCode).toBe(2)
  },
)

test.each(['22.19.0', '24.0.0', '100.0.0'])('the program runs on Node %s', async (version) => {
  expect(await run(version)).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^regguard \d/) })
})

test('the program imports nothing that an older Node may lack', async () => {
  const dist = fileURLToPath(new URL('../../dist/', import.meta.url))
  const files = globSync('**/*.mjs', { cwd: dist })
  expect(files).toContain('regguard-plugin.mjs')
  expect(files).toContain(join('image', 'regguard-plugin.mjs'))
  for (const file of files) {
    const text = await readFile(join(dist, file), 'utf8')
    const imported = [
      ...text.matchAll(
        /(?:^|[;}\n])(?:import|export)[^;'"()]*?from ?["']([^"']+)["']|\bimport ?["']([^"']+)["']/g,
      ),
    ]
      .map(([, from, bare]) => from ?? bare ?? '')
      .filter((path) => !/^\.{1,2}\/(parts\/)?[\w-]+\.mjs$/.test(path))
    expect([file, imported]).toEqual([file, ['node:module']])
  }
})
