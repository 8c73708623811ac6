import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { checks } from '../../src/checks/index.ts'
import { conditions } from './answers.ts'

const root = new URL('../..', import.meta.url)

/** Matches the title in a call of `test` or `test.each`. */
const title = /(?:\btest\(|\)\()\s*(['"`])((?:\\.|(?!\1)[^\\])*)\1/g

async function titlesIn(file: string): Promise<string[]> {
  const text = await readFile(new URL(file, root), 'utf8')
  return [...text.matchAll(title)].map(([, , found = '']) => found.replaceAll(/\\(.)/g, '$1'))
}

test('the table lists 52 conditions, each once and in order', () => {
  expect(conditions.map(({ number }) => number)).toEqual(Array.from({ length: 52 }, (_, at) => at + 1))
  expect(new Set(conditions.map(({ condition }) => condition)).size).toBe(conditions.length)
})

test('every finding in the table is the id of a check', () => {
  const ids = checks.map(({ id }) => id)
  expect(conditions.flatMap(({ findings }) => findings).filter((id) => !ids.includes(id))).toEqual([])
})

test('every condition has a test, and every listed test exists', async () => {
  expect(conditions.filter(({ tests }) => tests.length === 0)).toEqual([])
  const missing = await Promise.all(
    conditions.flatMap(({ number, tests }) =>
      tests.map(async ([file, name]) =>
        (await titlesIn(file)).includes(name) ? [] : [{ number, file, name }],
      ),
    ),
  )
  expect(missing.flat()).toEqual([])
})

test.each(conditions.filter(({ findings }) => findings.length > 0))(
  'the tests of condition $number name its findings',
  async ({ findings, tests }) => {
    const texts = await Promise.all(tests.map(([file]) => readFile(new URL(file, root), 'utf8')))
    expect(findings.filter((id) => !texts.some((text) => text.includes(id)))).toEqual([])
  },
)
