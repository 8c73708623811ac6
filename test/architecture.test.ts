import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = new URL('../src/', import.meta.url)
const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))

/** The folder of a file right below src; a file that stands there itself is a folder of its own. */
const folderOf = (file: string): string => file.split('/')[0] ?? file

/** Which folders import which, types included, with one import for each. */
function imports(): Map<string, Map<string, string>> {
  const found = new Map<string, Map<string, string>>()
  for (const file of files) {
    const text = readFileSync(new URL(file, root), 'utf8')
    for (const [, specifier = ''] of text.matchAll(/(?:from|import\()\s*'(\.{1,2}\/[^']+\.ts)'/g)) {
      const imported = join(file, '..', specifier)
      if (folderOf(imported) === folderOf(file)) continue
      const own = found.get(folderOf(file)) ?? new Map<string, string>()
      found.set(folderOf(file), own.set(folderOf(imported), `${file} imports ${imported}`))
    }
  }
  return found
}

/** The folders in an order in which each imports only those before it; and those for which there is no such order. */
function layers(found: Map<string, Map<string, string>>): { ordered: string[]; circular: string[] } {
  const ordered: string[] = []
  let left = [...new Set(files.map(folderOf))]
  for (;;) {
    const free = left.filter((folder) =>
      [...(found.get(folder)?.keys() ?? [])].every((imported) => ordered.includes(imported)),
    )
    if (free.length === 0) return { ordered, circular: left }
    ordered.push(...free)
    left = left.filter((folder) => !free.includes(folder))
  }
}

test('there is no circle of imports between folders', () => {
  const found = imports()
  const { circular } = layers(found)
  const between = circular.flatMap((folder) =>
    [...(found.get(folder) ?? [])].filter(([to]) => circular.includes(to)).map(([, example]) => example),
  )
  expect(between).toEqual([])
})

test('a circle would be found', () => {
  const circle = new Map([
    ['core', new Map([['facts', 'core/a.ts imports facts/b.ts']])],
    ['facts', new Map([['core', 'facts/b.ts imports core/a.ts']])],
  ])
  expect(layers(circle).circular.toSorted()).toEqual(['core', 'facts'])
})

test('the tree is the one in ARCHITECTURE.md', () => {
  const page = readFileSync(new URL('../ARCHITECTURE.md', import.meta.url), 'utf8')
  const folders = [...new Set(files.filter((file) => file.includes('/')).map(folderOf))]
  expect(folders.filter((folder) => !page.includes(`${folder}/`))).toEqual([])
  const named = [...page.matchAll(/`src\/([\w/.-]+?)\/?`/g)].map(([, path = '']) => path)
  const known = new Set([
    ...files,
    ...files.flatMap((file) => file.split('/').map((_, at, parts) => parts.slice(0, at).join('/'))),
  ])
  const placeholders = /[A-Z]{2}|NAME|GROUP|ID/
  expect(named.filter((path) => !placeholders.test(path) && !known.has(path))).toEqual([])
})
