import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { renderHtml } from '../../../src/outputs/html/page.ts'
import { renderJson } from '../../../src/outputs/json.ts'
import { renderJunit } from '../../../src/outputs/junit.ts'
import { renderMarkdown } from '../../../src/outputs/markdown-file.ts'
import { type Report, reportSchema } from '../../../src/report/schema.ts'
import { fullReport } from '../../outputs/full-report.ts'
import { scene } from '../../outputs/scenes.ts'
import { runCli } from '../../support/run-cli.ts'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'regguard-replay-'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

const at = (name: string): string => join(directory, name)
const written = async (name: string, text: string): Promise<string> => {
  await writeFile(at(name), text)
  return at(name)
}
const lastLine = (stdout: string): string =>
  stripVTControlCharacters(stdout).trimEnd().split('\n').at(-1) ?? ''

/** In the order of the schema, so that texts can be compared. */
const report: Report = reportSchema.parse({
  ...scene('orphaned-index', { platform: 'forgejo' }),
  durationMs: 4321,
})

test.each([
  ['JSON', 'r.json', renderJson(report)],
  ['the page', 'r.html', renderHtml(report)],
])('a report as %s gives every output again, and its exit code', async (_, name, text) => {
  const file = await written(name, text)
  const outputs = {
    report_json: renderJson(report),
    report_html: renderHtml(report),
    report_junit: renderJunit(report),
    report_markdown: renderMarkdown(report),
  }
  const args = Object.keys(outputs).flatMap((setting) => [`--${setting}`, at(`again-${setting}`)])
  const run = await runCli(['replay', file, ...args])
  expect(run.exitCode).toBe(1)
  expect(lastLine(run.stdout)).toMatch(/^FAILED {4}2 causes, 2 findings .* 4\.3 s · exit 1$/)
  // The log is that of the place where it is shown, not of its run.
  expect(run.stdout).not.toContain('::group::')
  for (const [setting, expected] of Object.entries(outputs))
    expect(await readFile(at(`again-${setting}`), 'utf8')).toBe(expected)
})

test('a report of a storage gives its metrics again; one without a storage has none', async () => {
  const file = await written('storage.json', renderJson({ ...fullReport(), exitCode: 1 }))
  const run = await runCli(['replay', file, '--report_prometheus', at('m.prom')])
  expect(run.exitCode).toBe(1)
  expect(await readFile(at('m.prom'), 'utf8')).toContain('regguard_storage_accessible')
  const other = await runCli([
    'replay',
    await written('r.json', renderJson(report)),
    '--report_prometheus',
    at('n.prom'),
  ])
  expect([other.exitCode, other.stdout]).toEqual([2, expect.stringContaining('holds nothing of a storage')])
})

describe('what is no report is refused, with the reason', () => {
  const later = { ...report, tool: { name: 'regguard', version: '9.1.0' }, version: 3 }
  const unknown = { ...report, tool: { name: 'regguard', version: '9.0.0' }, status: 'splendid' }
  test.each([
    ['', 'is not JSON; it must be what report_json or report_html wrote'],
    ['{"version": 2', 'is not JSON'],
    ['[]', 'is not a report of regguard'],
    ['{"version": 2, "tool": {"name": "trivy", "version": "1"}}', 'is not a report of regguard'],
    ['<!doctype html><p>Sign in</p>', 'holds no report'],
    [renderHtml(report).slice(0, -30_000), 'holds no report'],
    [
      JSON.stringify(later),
      'was written by regguard 9.1.0 in version 3 of the report; this regguard reads version 2',
    ],
    [
      JSON.stringify(unknown),
      'was written by regguard 9.0.0, and is damaged or too new for this one: status: ',
    ],
  ])('%#', async (text, why) => {
    const run = await runCli(['replay', await written('x', text)])
    expect(run.exitCode).toBe(2)
    expect(run.stdout).toContain(`replay: “${at('x')}” ${why}`)
  })

  test('a missing file, a device, and no file at all', async () => {
    const gone = await runCli(['replay', at('gone')])
    expect([gone.exitCode, gone.stdout]).toEqual([2, expect.stringContaining('does not exist')])
    const device = await runCli(['replay', '/dev/zero'])
    expect([device.exitCode, device.stdout]).toEqual([2, expect.stringContaining('is not a regular file')])
    const none = await runCli(['replay'])
    expect([none.exitCode, none.stdout]).toEqual([2, expect.stringContaining('replay: must be one report')])
  })
})

test('a report of a version before this one, without what it did not write, is shown', async () => {
  const old = JSON.parse(renderJson(report))
  delete old.keyRequests
  for (const member of old.targets[0].members) {
    delete member.contents
    delete member.manifest
  }
  old.tool.version = '0.1.0'
  const run = await runCli([
    'replay',
    await written('old.json', JSON.stringify(old)),
    '--report_html',
    at('old.html'),
  ])
  expect([run.exitCode, lastLine(run.stdout)]).toEqual([1, expect.stringMatching(/^FAILED/)])
  expect(await readFile(at('old.html'), 'utf8')).toContain('linux/arm64')
})
