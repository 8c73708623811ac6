import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from 'vitest'
import { checks } from '../../../src/checks/index.ts'
import { explainText } from '../../../src/cli/commands/explain.ts'
import { pageText } from '../../../src/cli/pages.ts'
import { groupInfo, groups } from '../../../src/core/groups.ts'

const ids = checks.map(({ id }) => id)

describe('every finding has a page', () => {
  test.each(ids)('%s', async (id) => {
    const { ok, text } = await explainText(id)
    expect(ok).toBe(true)
    expect(text).toContain(id)
    expect(text.length).toBeGreaterThan(200)
    expect(text.endsWith('\n')).toBe(true)
  })
})

/** What is printed, without its colours. */
async function explained(id: string | undefined): Promise<{ ok: boolean; text: string }> {
  const { ok, text } = await explainText(id)
  return { ok, text: stripVTControlCharacters(text) }
}

describe('a part of an id', () => {
  test.each([
    ['orphaned', 'orphaned-index'],
    ['stale-blob', 'stale-blob-cache'],
    ['blackhole', 'host-tcp-blackhole'],
    ['Tag_Missing', 'tag-missing'],
    ['TLS EXPIRED', 'tls-expired'],
  ])('that only one has prints its page: %s', async (part, id) => {
    expect(await explained(part)).toMatchObject({ ok: true, text: expect.stringMatching(`^# ${id}\n`) })
  })

  test('that an id begins with counts before one that an id holds', async () => {
    const { text } = await explained('access')
    expect(text).toMatch(/^# access-denied\n/)
  })

  test('that several have lists them, and nothing else', async () => {
    const { ok, text } = await explained('missing')
    expect(ok).toBe(false)
    const [heading, ...rest] = text.trimEnd().split('\n')
    expect(heading).toBe('“missing” matches:')
    expect(rest.map((line) => line.trim().split(/\s+/)[0])).toEqual(
      ids.filter((id) => id.includes('missing')),
    )
  })
})

describe('a name that is no finding', () => {
  test.each([
    ['orphaned-indx', 'did you mean orphaned-index?'],
    ['layers-missing', 'did you mean layer-missing?'],
    ['orphaned index gone', '“regguard-plugin explain” lists them'],
    ['elephant', '“regguard-plugin explain” lists them'],
    ['../decisions/0001-stages', '“regguard-plugin explain” lists them'],
    ['', '“regguard-plugin explain” lists them'],
  ])('%j is answered with the nearest, if one is near', async (id, way) => {
    expect(await explained(id)).toEqual({ ok: false, text: `There is no finding “${id}”; ${way}\n` })
  })

  test('cannot write to the terminal', async () => {
    expect((await explainText('\u001b[2Jx')).text).not.toContain('\u001b')
  })
})

test('without a name all findings are listed by group, each with what it means', async () => {
  const { ok, text } = await explained(undefined)
  expect(ok).toBe(true)
  const blocks = text.split('\n\n').slice(0, -1)
  expect(blocks).toHaveLength(groups.length)
  for (const [at, group] of groups.entries()) {
    const [heading, ...rest] = blocks[at]?.split('\n') ?? []
    expect(heading).toBe(`${groupInfo[group].label}: ${groupInfo[group].about}`)
    expect(rest.map((line) => line.trim().split(/\s{2,}/))).toEqual(
      checks.filter((check) => check.group === group).map(({ id, fault }) => [id, fault]),
    )
  }
  expect(text).toMatch(/\n“regguard-plugin explain ID” prints the page of one\.\n$/)
})

test.each(['../findings/layer-missing', 'layer-missing.md', 'Layer-Missing', '/etc/passwd', ''])(
  'no page is read from %j',
  async (id) => {
    expect(await pageText(id)).toBeUndefined()
  },
)
