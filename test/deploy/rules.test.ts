import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { findProgram, suiteNeeds } from '../support/need.ts'

const folder = fileURLToPath(new URL('../../deploy/prometheus/', import.meta.url))
const ours = join(folder, 'rules/regguard.yaml')
const owners = fileURLToPath(new URL('owner/rules.yaml', import.meta.url))
const cases = readdirSync(join(folder, 'tests'))
const text = (path: string) => readFileSync(path, 'utf8')

interface Rule {
  alert: string
  expr: string
  labels: Record<string, string>
  annotations: Record<string, string>
}
const rules: Rule[] = parse(text(ours)).groups.flatMap(({ rules }: { rules: Rule[] }) => rules)

const promtool = (...args: string[]) =>
  execa(findProgram('promtool') ?? '', args, { all: true, reject: false })

/** What a rule test expects by expression, and what promtool got instead. */
async function failures(file: string): Promise<string[]> {
  const { exitCode, all } = await promtool('test', 'rules', file)
  const found = [...all.matchAll(/expr: "(.*)", time: (\S+),\n\s*exp: ?(.*)\n\s*got: ?(.*)/g)]
  expect(found.length > 0, all).toBe(exitCode !== 0)
  return found.map(([, , time, , got]) => `${time}: ${got}`)
}

/** The same test for the rules that the owner of the registry wrote, without the wording of ours. */
async function failuresOfOwners(name: string): Promise<string[]> {
  const directory = await mkdtemp(join(tmpdir(), 'regguard-rules-'))
  try {
    const file = join(directory, name)
    const content = parse(text(join(folder, 'tests', name)))
    for (const one of content.tests) delete one.alert_rule_test
    await writeFile(file, stringify({ ...content, rule_files: [owners] }, { lineWidth: 0 }))
    return await failures(file)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** What the owner's rules say instead of what is expected: mostly nothing. */
const holes: Record<string, string[]> = {
  'never-ran.yaml': ['30m: nil'],
  // It resolves at 80m, and is silent from then on.
  'target-gone.yaml': ['1h30m: nil', '3h: nil', '2h30m: nil', '20h: nil', '1d16h: nil'],
  'every-second-run.yaml': ['25m: nil', '40m: nil', '2h55m: {} 0E+00'],
  // It still counts what nobody has seen for hours.
  'pushed-values-stay.yaml': ['4h: {} 1E+00', '4h: nil'],
  'cannot-look.yaml': ['1h10m: nil', '1h30m: nil'],
  'proof-too-old.yaml': ['13h: nil'],
  'rate-limited.yaml': ['1h: nil', '1h: nil'],
  'catalog-every-second-run.yaml': ['2h: nil'],
  'pod-replaced.yaml': ['1h5m: {} 0E+00'],
  'shrank.yaml': ['2h10m: nil', '1h: nil'],
}

suiteNeeds(['promtool'])('the alert rules', () => {
  test('are what promtool accepts', async () => {
    expect(await promtool('check', 'rules', '--lint=all', '--lint-fatal', ours)).toMatchObject({
      exitCode: 0,
    })
  })

  test('can be used with the configuration that the page shows', async () => {
    const page = text(fileURLToPath(new URL('../../deploy/README.md', import.meta.url)))
    const [, block = ''] = /```yaml\n([\s\S]*?)```/.exec(page) ?? []
    const config = parse(block)
    expect(config.scrape_configs[0].honor_labels).toBe(true)
    const directory = await mkdtemp(join(tmpdir(), 'regguard-config-'))
    const file = join(directory, 'prometheus.yml')
    await writeFile(file, stringify({ ...config, rule_files: [ours] }))
    const { exitCode, all } = await promtool('check', 'config', file)
    await rm(directory, { recursive: true })
    expect(exitCode, all).toBe(0)
  })

  test.each(cases)('hold: %s', async (name) => {
    const { exitCode, all } = await promtool('test', 'rules', join(folder, 'tests', name))
    expect(exitCode, all).toBe(0)
  })

  test.each(Object.entries(holes))('those of the owner have the hole: %s', async (name, got) => {
    expect(await failuresOfOwners(name)).toEqual(got)
  })
})

describe('each alert', () => {
  test('has a severity, and three texts', () => {
    for (const { alert, labels, annotations } of rules) {
      expect(Object.keys(labels), alert).toEqual(['severity'])
      expect(['critical', 'warning', 'info']).toContain(labels.severity)
      expect(Object.keys(annotations), alert).toEqual(['summary', 'description', 'runbook_url'])
    }
  })

  test('has a summary of one line that does not change while it fires', () => {
    for (const { alert, annotations } of rules) expect(annotations.summary, alert).not.toMatch(/\n|\$value/)
  })

  test('has a page', () => {
    const page = text(fileURLToPath(new URL('../../docs/alerts.md', import.meta.url)))
    const headings = [...page.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading)
    expect(headings).toEqual(rules.map(({ alert }) => alert))
    for (const { alert, annotations } of rules) {
      const address = annotations.runbook_url ?? ''
      expect(address).toMatch(/^https:\/\/docs\.example\.com\/regguard\/(alerts\.md#|findings\/)/)
      if (address.includes('alerts.md')) expect(address).toMatch(new RegExp(`#${alert.toLowerCase()}$`))
      else if (!address.includes('{{'))
        expect(
          text(fileURLToPath(new URL(`../../docs/findings/${address.split('/').at(-1)}`, import.meta.url))),
        )
    }
  })

  test('fires in a test', () => {
    const tests = cases.map((name) => text(join(folder, 'tests', name))).join('\n')
    expect(rules.map(({ alert }) => alert).filter((alert) => !tests.includes(alert))).toEqual([])
  })
})
