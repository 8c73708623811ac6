import { readFileSync, writeFileSync } from 'node:fs'
import { stripVTControlCharacters } from 'node:util'
import { expect } from 'vitest'

const page = new URL('../../../docs/storage.md', import.meta.url)

/** Holds a section of docs/storage.md: its text block is what a run printed. UPDATE_GOLDEN=1 writes it. */
export function expectRunbook(title: string, printed: string, names: { root: string; host: string }): void {
  const before = readFileSync(page, 'utf8')
  const at = before.indexOf(`\n## ${title}\n`)
  const start = before.indexOf('```text\n', at) + '```text\n'.length
  const end = before.indexOf('\n```', start - 1)
  expect({ title, found: at >= 0 && end >= 0 }).toEqual({ title, found: true })
  const text = `${before.slice(0, start)}${tidy(printed, names)}${before.slice(end)}`
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(page, text)
  expect(text).toBe(readFileSync(page, 'utf8'))
}

/** Places and times differ from run to run. */
const tidy = (text: string, { root, host }: { root: string; host: string }): string =>
  stripVTControlCharacters(text)
    .replaceAll(root, '/var/lib/registry')
    .replaceAll(host, '127.0.0.1:5000')
    .replaceAll(/\b\d+(\.\d+)? m?s\b/g, '1 s')
    .trimEnd()
