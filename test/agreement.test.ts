import { readdir, readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { checks } from '../src/checks/index.ts'
import { failureInfo, failureKinds } from '../src/core/failure.ts'
import { groups } from '../src/core/groups.ts'
import { earlierThan, laterThan } from '../src/explain/together/pages.ts'
import { terminals } from '../src/outputs/terminal/index.ts'
import { metaOf } from '../src/settings/fields.ts'
import { settingFor } from '../src/settings/names.ts'
import { schema, settingNames } from '../src/settings/schema.ts'

const root = new URL('..', import.meta.url)
const names = async (folder: string, ending: string) =>
  (await readdir(new URL(folder, root)))
    .filter((name) => name.endsWith(ending))
    .map((name) => name.slice(0, -ending.length))
    .sort()

const ids = checks.map(({ id }) => id).toSorted()
const headings = ['## What it means', '## Why it happens', '## How to fix', '## How regguard sees it']
const isRelated = (id: string): boolean => [...earlierThan(id, checks), ...laterThan(id, checks)].length > 0

describe('checks, files, tests and pages agree', () => {
  test.each(groups)('the folder of %s holds its checks, one file each, and nothing else', async (group) => {
    const own = checks.filter((check) => check.group === group).map(({ id }) => id)
    expect(await names(`src/checks/${group}`, '.ts')).toEqual(own.toSorted())
  })

  test.each(groups)('every check of %s has a test of its name', async (group) => {
    const tests = await names(`test/checks/${group}`, '.test.ts')
    const own = checks.filter((check) => check.group === group).map(({ id }) => id)
    expect(own.filter((id) => !tests.includes(id))).toEqual([])
  })

  test('every check has a page, and no page is without a check', async () => {
    expect((await names('docs/findings', '.md')).filter((name) => name !== 'README')).toEqual(ids)
  })

  test.each(ids)('the page of %s has its name, the four headings and no empty part', async (id) => {
    const page = await readFile(new URL(`docs/findings/${id}.md`, root), 'utf8')
    expect(page.startsWith(`# ${id}\n`)).toBe(true)
    const parts = page.split(/^(?=## )/m)
    expect(parts.slice(1).map((part) => part.split('\n')[0])).toEqual([
      ...headings,
      ...(isRelated(id) ? ['## Related findings'] : []),
    ])
    for (const part of parts) expect(part.split('\n').slice(1).join('').trim().length).toBeGreaterThan(40)
  })

  test('every failure kind has a check, in the group of the kind', () => {
    const kinds = Object.keys(failureKinds) as (keyof typeof failureKinds)[]
    const groupOf = new Map(checks.map(({ id, group }) => [id, group]))
    expect(kinds.filter((kind) => groupOf.get(kind) !== failureInfo(kind).group)).toEqual([])
  })

  test('ids are kebab-case, once each, and their groups exist', () => {
    expect(new Set(ids).size).toBe(checks.length)
    for (const { id, group } of checks) {
      expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/)
      expect(groups).toContain(group)
    }
  })

  test.each(checks.map(({ id, ...check }) => [id, check] as const))('%s speaks in sentences', (_, check) => {
    expect(check.fault).toMatch(/^[A-Z].*\.$/s)
    expect(check.advice).toMatch(/^[A-Z].*\.$/s)
    expect(check.title).toMatch(/^[A-Za-z0-9].*[^.]$/)
  })
})

describe('settings agree', () => {
  test('every setting has a text, and its aliases mean it', () => {
    for (const name of settingNames) {
      const { text, aliases = [] } = metaOf(schema.shape[name])
      expect(text.length).toBeGreaterThan(10)
      for (const known of [name, ...aliases]) expect(settingFor(known)).toBe(name)
    }
  })

  test('documents name no setting that does not exist', async () => {
    const files = ['README.md', 'docs.md', ...ids.map((id) => `docs/findings/${id}.md`)]
    const seen: string[] = []
    for (const file of files) {
      for (const settings of settingsIn(await readFile(new URL(file, root), 'utf8'))) {
        seen.push(file)
        const unknown = Object.keys(settings).filter((name) => !settingFor(name))
        expect({ file, unknown }).toEqual({ file, unknown: [] })
      }
    }
    expect(seen.length).toBeGreaterThan(10)
  })
})

/** Every `settings:` and `with:` of the YAML blocks of a document, wherever it stands. */
function settingsIn(markdown: string): Record<string, unknown>[] {
  const blocks = [...markdown.matchAll(/^( *)```ya?ml\n([\s\S]*?)^ *```/gm)]
  return blocks.flatMap(([, indent = '', block = '']) =>
    steps(parse(block.replaceAll(new RegExp(`^${indent}`, 'gm'), ''))),
  )
}

function steps(node: unknown): Record<string, unknown>[] {
  if (typeof node !== 'object' || node === null) return []
  return Object.entries(node).flatMap(([key, value]) =>
    (key === 'settings' || key === 'with') && typeof value === 'object' && value !== null
      ? [value as Record<string, unknown>]
      : steps(value),
  )
}

test('every platform has a renderer', () => {
  expect(Object.keys(terminals).sort()).toEqual(['forgejo', 'gitea', 'github', 'plain', 'woodpecker'])
})
