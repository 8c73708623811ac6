import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readReport } from '../../src/cli/report-file.ts'
import { type CliResult, runCli } from '../support/run-cli.ts'

let directory: string
let run: CliResult
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'regguard-demo-'))
  run = await runCli(['demo', '--html', join(directory, 'demo.html')])
})
afterAll(() => rm(directory, { recursive: true, force: true }))

const names = ['healthy', 'orphaned', 'unreadable', 'path', 'runner']

test('finds exactly what was broken', () => {
  expect(run).toMatchObject({ exitCode: 0, stderr: '' })
  expect(run.stdout.match(/^(PASSED|FAILED|NOT CHECKED)/gm)).toEqual([
    'PASSED',
    ...Array.from({ length: 4 }, () => 'FAILED'),
  ])
})

describe('the pages of the demo', () => {
  test('are listed on the one that was named', async () => {
    expect((await readdir(directory)).toSorted()).toEqual(
      ['demo.html', ...names.map((name) => `demo-${name}.html`)].toSorted(),
    )
    const page = await readFile(join(directory, 'demo.html'), 'utf8')
    expect([...page.matchAll(/<a href="([^"]+)"/g)].map(([, href]) => href)).toEqual(
      names.map((name) => `demo-${name}.html`),
    )
    expect(run.stdout).toContain(`${join(directory, 'demo.html')} lists the 5 pages beside it.`)
  })

  test.each([
    ['healthy', []],
    ['orphaned', ['orphaned-index']],
    ['unreadable', ['stale-blob-cache']],
    ['path', ['orphaned-index', 'storage-unreachable']],
    ['runner', ['host-tcp-blackhole']],
  ])('hold each the report of its scene: %s', async (name, ids) => {
    const read = await readReport(join(directory, `demo-${name}.html`))
    if (!read.ok) throw new Error(read.why)
    const faults = read.report.causes.filter(({ severity }) => severity !== 'note')
    expect(faults.map(({ id }) => id)).toEqual(ids)
  })

  test('tell of two faults at once that nothing connects them', async () => {
    expect(await readFile(join(directory, 'demo-path.html'), 'utf8')).toContain(
      'Nothing observed connects these: orphaned-index (image), storage-unreachable (path).',
    )
  })

  test('draw both outages of the recorded runner', async () => {
    const page = await readFile(join(directory, 'demo-runner.html'), 'utf8')
    expect(page).toMatch(
      /Timeline of the runner: \d+ network changes, at times 2 ports of the host did not answer/,
    )
    // Two outages of two ports, in a wide and a narrow picture.
    expect(page.match(/<rect class="dead"/g)).toHaveLength(8)
  })
})

test('pages that cannot be written are an error', async () => {
  const failed = await runCli(['demo', '--html', join(directory, 'missing', 'demo.html')])
  expect(failed.exitCode).toBe(2)
  expect(failed.stdout).toContain('The pages cannot be written: ENOENT')
})
