import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { globOf, projects, slowest } from './support/projects.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const filesOf = (pattern: string) => globSync(globOf(pattern), { cwd: root })

describe('every suite runs once', () => {
  test('a test file belongs to exactly one project', () => {
    const owners = new Map(globSync('test/**/*.test.ts', { cwd: root }).map((file) => [file, [] as string[]]))
    expect(owners.size).toBeGreaterThan(300)
    for (const [name, patterns] of Object.entries(projects)) {
      for (const file of patterns.flatMap(filesOf)) owners.get(file)?.push(name)
    }
    const wrong = [...owners].filter(([, names]) => names.length !== 1)
    expect(Object.fromEntries(wrong), 'name its folder in test/support/projects.ts, once').toEqual({})
  })

  test.each(slowest)('%s, which begins first, exists', (file) => {
    expect(filesOf(file)).toEqual([file])
  })

  test.each(Object.values(projects).flat())('%s holds tests', (pattern) => {
    expect(filesOf(pattern)).not.toEqual([])
  })
})

describe('pure suites can share a worker', () => {
  const suites = projects.pure.flatMap(filesOf)

  test('they, and what they import of test/, import nothing that opens a socket or starts a process', () => {
    const wrong = [...reachable(suites)].flatMap((file) =>
      importsOf(file)
        .filter(({ from, names }) => !(from === 'node:net' && parsersOnly.test(names)))
        .filter(({ from }) => (from.startsWith('node:') ? !harmless.test(from) : reaching.test(from)))
        .map(({ from }) => `${file}: ${from}`),
    )
    expect(wrong, 'move the suite to a folder of the project socket').toEqual([])
  })

  test('they replace no module, no global and no variable of the environment, and give the clock back', () => {
    const wrong = suites.filter((file) => {
      const text = readFileSync(join(root, file), 'utf8')
      if (file === 'test/projects.test.ts') return false
      if (/\bvi\.(mock|doMock|stubEnv|stubGlobal|resetModules)\(|\bprocess\.env\.\w+ = /.test(text))
        return true
      return text.includes('vi.useFakeTimers(') && !text.includes('vi.useRealTimers(')
    })
    expect(wrong).toEqual([])
  })
})

const harmless = /^node:(buffer|crypto|fs|fs\/promises|os|path|url|util|zlib)$/
const reaching = /^(undici|execa|msw|@mswjs|socks)($|\/)/
/** Parsers of addresses, which node:net has beside its sockets. */
const parsersOnly = /^\{( (BlockList|isIP|isIPv4|isIPv6),?)+ \}$/

/** The files of test/ that these import, and these. */
function reachable(files: string[]): Set<string> {
  const found = new Set(files)
  for (const file of found) {
    for (const { from } of importsOf(file)) {
      const target = join(dirname(file), from)
      if (from.startsWith('.') && target.startsWith('test/') && target.endsWith('.ts')) found.add(target)
    }
  }
  return found
}

/** What a file imports, types aside: they are gone when it runs. */
function importsOf(file: string): { names: string; from: string }[] {
  const text = readFileSync(join(root, file), 'utf8')
  return [
    ...text.matchAll(
      /^(?:import|export) (?!type )(?:([^'"`;]*?) from )?'([^'\n]+)'|\bimport\('([^'\n]+)'\)/gm,
    ),
  ].map(([, names = '', from, later]) => ({ names, from: from ?? later ?? '' }))
}
