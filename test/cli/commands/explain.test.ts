import { describe, expect, test } from 'vitest'
import { checks } from '../../../src/checks/index.ts'
import { explainText } from '../../../src/cli/commands/explain.ts'
import { pageText } from '../../../src/cli/pages.ts'

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

describe('a name that is no finding', () => {
  test.each([
    ['orphaned-indx', 'did you mean orphaned-index?'],
    ['layers-missing', 'did you mean layer-missing?'],
    ['tls_expired', 'did you mean tls-expired?'],
    ['Tag-Missing', 'did you mean tag-missing?'],
    ['elephant', 'regguard-plugin explain lists them'],
    ['../decisions/0001-stages', 'regguard-plugin explain lists them'],
    ['', 'regguard-plugin explain lists them'],
  ])('%j is answered with the way on', async (id, way) => {
    expect(await explainText(id)).toEqual({ ok: false, text: `There is no finding “${id}”; ${way}\n` })
  })
})

test('without a name all findings are listed, each on a line with its group and what it means', async () => {
  const { ok, text } = await explainText(undefined)
  expect(ok).toBe(true)
  const lines = text.trimEnd().split('\n')
  expect(lines.map((line) => line.split(/\s+/)[0])).toEqual(ids)
  for (const [at, { group, fault }] of checks.entries()) {
    expect(lines[at]?.split(/\s{2,}/).slice(1)).toEqual([group, fault])
  }
})

test.each(['../findings/layer-missing', 'layer-missing.md', 'Layer-Missing', '/etc/passwd', ''])(
  'no page is read from %j',
  async (id) => {
    expect(await pageText(id)).toBeUndefined()
  },
)
