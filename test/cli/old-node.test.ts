import { readFile } from 'node:fs/promises'
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
  'the bundle names the Node that it needs on Node %s',
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

test.each(['22.19.0', '24.0.0', '100.0.0'])('the bundle runs on Node %s', async (version) => {
  expect(await run(version)).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^regguard \d/) })
})

test('the bundle imports nothing that an older Node may lack', async () => {
  const bundle = await readFile(
    fileURLToPath(new URL('../../dist/regguard-plugin.mjs', import.meta.url)),
    'utf8',
  )
  expect(bundle.match(/^import .*$/gm)).toEqual([
    "import { createRequire as __createRequire } from 'node:module'",
  ])
})
