import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
let copy = ''

let found: string[] = []

/** What is added or changed, all at once: the compiler takes as long for all as for one. */
const changes = {
  group: [
    'src/core/groups.ts',
    '  runner: {',
    "  weather: { label: 'weather', about: 'the weather' },\n  runner: {",
  ],
  failure: ['src/core/failure.ts', "  'run-stopped': {", "  'registry-on-fire': {},\n  'run-stopped': {"],
  output: [
    'src/settings/schema.ts',
    '  report_json: text(',
    "  report_pdf: text({ text: 'a page' }),\n  report_json: text(",
  ],
  platform: ['src/core/platform.ts', "['plain', ", "['plain', 'drone', "],
  check: ['src/checks/runner/softnet-drops.ts', "reads: ['runner.pressure']", "reads: ['runner.kernel']"],
} as const

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'regguard-tables-'))
  for (const name of ['src', 'package.json', 'tsconfig.json'])
    cpSync(join(root, name), join(copy, name), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  for (const [file, text, replacement] of Object.values(changes)) {
    const path = join(copy, file)
    const original = readFileSync(path, 'utf8')
    expect(original).toContain(text)
    writeFileSync(path, original.replace(text, replacement))
  }
  found = mistakes()
}, 180_000)
afterAll(() => rmSync(copy, { recursive: true, force: true }))

/** The files of src in which the compiler finds mistakes. */
function mistakes(): string[] {
  const config = join(copy, 'tsconfig.src.json')
  writeFileSync(config, JSON.stringify({ extends: './tsconfig.json', include: ['src'] }))
  try {
    execFileSync(join(root, 'node_modules/.bin/tsc'), ['-p', config, '--noEmit', '--pretty', 'false'], {
      cwd: copy,
      encoding: 'utf8',
    })
    return []
  } catch (error) {
    const { stdout = '' } = error as { stdout?: string }
    return [...new Set([...stdout.matchAll(/^(src\/[^(]+)\(/gm)].map(([, file = '']) => file))].toSorted()
  }
}

describe('what is added to a list and not to its table does not compile', () => {
  test.each([
    'src/facts/coverage.ts',
    'src/facts/facts.ts',
    'src/observe/observe.ts',
    'src/outputs/html/page.ts',
    'src/outputs/terminal/sections.ts',
    'src/report/sections.ts',
  ])('a group: %s', (table) => {
    expect(found).toContain(table)
  })

  test('a failure kind without what is known of it', () => {
    expect(found).toContain('src/core/failure.ts')
  })

  test('a setting that names a file for a report, without an output', () => {
    expect(found).toContain('src/outputs/index.ts')
  })

  test('a platform without a text output', () => {
    expect(found).toContain('src/outputs/terminal/index.ts')
  })

  test('a check that reads what it does not name', () => {
    expect(found.filter((file) => file.startsWith('src/checks/'))).toEqual([changes.check[0]])
  })
})
