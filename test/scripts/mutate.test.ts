import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openCompiler } from '../../scripts/mutate/compiler.ts'
import { mirrored } from '../../scripts/mutate/tests.ts'

const text = `import { join } from 'node:path' // 1 < 2
type Small = 1 | 2
/** As many as 3 < 4. */
export function f(list: number[], limit = 10): string[] {
  const out: string[] = []
  if (list.length <= limit && !list.includes(0)) out.push(join('a < b', \`\${1 + 2}\`))
  return list.filter((n) => n > 5).every(Boolean) ? out : []
}
export const small: Small = 1
`

let copy: string
let compiler: ReturnType<typeof openCompiler>
beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'regguard-mutants-'))
  await writeFile(join(copy, 'f.ts'), text)
  await writeFile(join(copy, 'package.json'), '{"type":"module"}')
  const compilerOptions = { strict: true, noEmit: true, module: 'nodenext', target: 'es2024', types: [] }
  await writeFile(join(copy, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }))
  await writeFile(
    join(copy, 'node.d.ts'),
    "declare module 'node:path' { export function join(...parts: string[]): string }",
  )
  compiler = openCompiler(copy)
})
afterAll(async () => {
  compiler.close()
  await rm(copy, { recursive: true, force: true })
})

describe('mutants', () => {
  test('are made of operators, conditions, numbers and calls, and of nothing in types, imports, comments and texts', () => {
    const found = compiler.mutantsIn('f.ts').map(({ place, change }) => `${place} ${change}`)
    expect(found).toEqual([
      'f.ts:4:43 10 → 11',
      'f.ts:6:7 list.length <= limit && !list.includes(0) → true',
      'f.ts:6:7 list.length <= limit && !list.includes(0) → false',
      'f.ts:6:19 <= → <',
      'f.ts:6:19 <= → >',
      'f.ts:6:28 && → ||',
      'f.ts:6:31 !list.includes(0) → list.includes(0)',
      'f.ts:6:46 0 → 1',
      "f.ts:6:50 out.push(join('a < b', `\u0024{1 + 2}`)) → ;",
      'f.ts:6:76 1 → 2',
      'f.ts:6:78 + → -',
      'f.ts:6:80 2 → 3',
      'f.ts:7:10 list.filter((n) => n > 5).every(Boolean) → true',
      'f.ts:7:10 list.filter((n) => n > 5).every(Boolean) → false',
      'f.ts:7:14 .filter((n) => n > 5) → nothing',
      'f.ts:7:31 > → >=',
      'f.ts:7:31 > → <=',
      'f.ts:7:33 5 → 6',
      'f.ts:7:36 every → some',
      'f.ts:9:29 1 → 2',
    ])
  })

  test('change one place of the text', () => {
    const [mutant] = compiler.mutantsIn('f.ts')
    expect(mutant?.after).toBe(text.replace('limit = 10', 'limit = 11'))
  })

  test('are left out where they do not compile, and the file stays', async () => {
    const valid = compiler.mutantsIn('f.ts').filter(compiler.compiles)
    expect(valid.map(({ change }) => change)).toContain('<= → <')
    await writeFile(join(copy, 'g.ts'), 'export const wrong = 1 + "a"')
    expect(
      openCompilerOnce((one) => one.mutantsIn('g.ts').map((each) => [each.change, one.compiles(each)])),
    ).toEqual([
      ['1 → 2', true],
      ['+ → -', false],
    ])
    expect(await readFile(join(copy, 'f.ts'), 'utf8')).toBe(text)
    expect(await readFile(join(copy, 'g.ts'), 'utf8')).toBe('export const wrong = 1 + "a"')
  })
})

function openCompilerOnce<T>(use: (compiler: ReturnType<typeof openCompiler>) => T): T {
  const one = openCompiler(copy)
  try {
    return use(one)
  } finally {
    one.close()
  }
}

test('the tests of a file are those of its name, then those of its folder', () => {
  const tree = [
    'src/net/ip.ts',
    'test/net/ip.test.ts',
    'test/net/ip-properties.test.ts',
    'test/net/ipv6.test.ts',
  ]
  expect(mirrored('src/net/ip.ts', [...tree, 'test/net/ip/deep.test.ts', 'test/net/kit.ts'])).toEqual([
    ['test/net/ip.test.ts', 'test/net/ip-properties.test.ts', 'test/net/ip/deep.test.ts'],
    ['test/net/ipv6.test.ts'],
  ])
})
