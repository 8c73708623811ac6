import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { checks } from '../../src/checks/index.ts'
import { rows } from './answers.ts'

const root = new URL('../..', import.meta.url)

/** What stands as title in a call of `test`, of `test.each`, or of something like it. */
const title = /(?:\btest\(|\)\()\s*(['"`])((?:\\.|(?!\1)[^\\])*)\1/g

async function titlesIn(file: string): Promise<string[]> {
  const text = await readFile(new URL(file, root), 'utf8')
  return [...text.matchAll(title)].map(([, , found = '']) => found.replaceAll(/\\(.)/g, '$1'))
}

test('all 52 conditions are there, each once and in order', () => {
  expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: 52 }, (_, at) => at + 1))
  expect(new Set(rows.map(({ condition }) => condition)).size).toBe(rows.length)
})

test('every finding that a condition leads to is one of the checks', () => {
  const ids = checks.map(({ id }) => id)
  expect(rows.flatMap(({ findings }) => findings).filter((id) => !ids.includes(id))).toEqual([])
})

test('no condition is without a test, and every test that is named is there', async () => {
  expect(rows.filter(({ tests }) => tests.length === 0)).toEqual([])
  const missing = await Promise.all(
    rows.flatMap(({ number, tests }) =>
      tests.map(async ([file, name]) =>
        (await titlesIn(file)).includes(name) ? [] : [{ number, file, name }],
      ),
    ),
  )
  expect(missing.flat()).toEqual([])
})

test.each(rows.filter(({ findings }) => findings.length > 0))(
  'condition $number has its findings named where it is tested',
  async ({ findings, tests }) => {
    const texts = await Promise.all(tests.map(([file]) => readFile(new URL(file, root), 'utf8')))
    expect(findings.filter((id) => !texts.some((text) => text.includes(id)))).toEqual([])
  },
)
