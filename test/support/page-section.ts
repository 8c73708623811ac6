import { readFileSync, writeFileSync } from 'node:fs'
import { stripVTControlCharacters } from 'node:util'
import { expect } from 'vitest'
import type { LabRun } from './path-lab.ts'

/** Holds a section of a page of docs: its text block is what a run printed. UPDATE_GOLDEN=1 writes it. */
export function expectSection(title: string, { stdout }: Pick<LabRun, 'stdout'>, name = 'path.md'): void {
  const page = new URL(`../../docs/${name}`, import.meta.url)
  const before = readFileSync(page, 'utf8')
  const at = before.indexOf(`\n## ${title}\n`)
  const start = before.indexOf('```text\n', at) + '```text\n'.length
  const end = before.indexOf('\n```', start - 1)
  expect({ title, found: at >= 0 && end >= 0 }).toEqual({ title, found: true })
  const text = `${before.slice(0, start)}${tidy(stdout)}${before.slice(end)}`
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(page, text)
  expect(text).toBe(readFileSync(page, 'utf8'))
}

/** Measured times, fingerprints and temporary directories differ from run to run, and path MTUs where packets are lost; limits and counts do not. */
const tidy = (text: string): string =>
  stripVTControlCharacters(text)
    .replaceAll(/^(?:… |.*\bpath MTU\b).*\n/gm, '')
    .replaceAll(/^( +libc for .*) \(\d+(\.\d+)? m?s\)$/gm, '$1 (1 s)')
    .replaceAll(/\b\d+(\.\d+)? ms/g, '1 ms')
    .replaceAll(/(95 %: |\b(?:TCP|TLS|in|hosts file|DNS) )\d+(\.\d+)? s\b/g, '$11 ms')
    .replaceAll(/(\d+ min )?\b\d+(\.\d+)? s · exit/g, '1 s · exit')
    .replaceAll(/(within the last )\d+(\.\d+)? (?:s|min)\b/g, '$11 min')
    .replaceAll(/SHA-256 [0-9a-f]{12}…/g, 'SHA-256 0123456789ab…')
    .replaceAll(/\/tmp\/regguard-[^\s,:]*\/certs\.d-[^/\s,:]+/g, '/etc/containerd/certs.d')
    .trimEnd()
