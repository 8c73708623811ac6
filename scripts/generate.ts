import { readFile, writeFile } from 'node:fs/promises'
import * as z from 'zod'
import { checks } from '../src/checks/index.ts'
import { reportSchema } from '../src/report/schema.ts'
import { actionYml, pluginYml, settingsSchema } from './manifests.ts'
import { settingsTables } from './settings-table.ts'

const root = new URL('..', import.meta.url)

/** What is made, from what stands in the sources: a whole file, or the part of one between two marks. */
const made: { file: string; make: (old: string) => string }[] = [
  { file: 'plugin.yml', make: pluginYml },
  { file: 'action.yml', make: actionYml },
  { file: 'docs/settings.schema.json', make: () => json(settingsSchema()) },
  { file: 'docs/report.schema.json', make: () => json(reportJsonSchema()) },
  { file: 'README.md', make: (old) => between(old, 'settings', settingsTables()) },
  { file: 'docs.md', make: (old) => between(old, 'settings', settingsTables()) },
  { file: 'docs/findings/README.md', make: findingsIndex },
]

const check = process.argv.includes('--check')
const stale: string[] = []
for (const { file, make } of made) {
  const path = new URL(file, root)
  const old = await readFile(path, 'utf8').catch(() => '')
  const fresh = make(old)
  if (fresh === old) continue
  stale.push(file)
  if (!check) await writeFile(path, fresh)
}
const what = check ? 'out of date, run npm run generate' : 'written'
process.stdout.write(stale.length > 0 ? `${what}: ${stale.join(', ')}\n` : 'generated files are up to date\n')
if (check && stale.length > 0) process.exitCode = 1

function between(old: string, name: string, content: string): string {
  const [begin, end] = [`<!-- ${name}: made by npm run generate -->`, `<!-- end of ${name} -->`]
  const from = old.indexOf(begin)
  const to = old.indexOf(end)
  if (from < 0 || to < from) throw new Error(`the marks “${begin}” and “${end}” are missing`)
  return `${old.slice(0, from + begin.length)}\n\n${content}\n\n${old.slice(to)}`
}

function reportJsonSchema(): object {
  return { title: 'The report of regguard (report_json)', ...z.toJSONSchema(reportSchema) }
}

function findingsIndex(): string {
  const rows = checks.map(
    ({ id, group, severity, fault }) => `| [${id}](${id}.md) | ${group} | ${severity} | ${fault} |`,
  )
  return [
    '# Findings',
    '',
    'What regguard can find, each with a page. `regguard-plugin explain ID` prints it. Made by `npm run generate`.',
    '',
    '| Finding | Group | Severity | What it says |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n')
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
