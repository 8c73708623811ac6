// Mutation testing: makes one small fault at a time in a copy of the tree, and runs the tests that should notice it.
//
//   npm run mutate -- src/net src/checks/image/orphaned-index.ts [--max 40] [--seed 1] [--jobs 1] [--limit SECONDS]
//
// Takes every mutant (mutate/mutants.ts) of the files below the paths, or with --max a sample that --seed repeats, without those
// that do not compile. For each it runs the tests of the file's name, then those of the mirrored folder, then all pure ones that
// import the file, up to the first failure. Prints who survives at FILE:LINE:COLUMN, and the share that was killed. A survivor is a
// gap in the tests, or a change that makes no difference. Test files that fail without a mutant are left out. A mutant that keeps
// the tests busy beyond the limit is killed, too; without --limit, that is twice the time that all of them took before, and half a
// minute. The working tree stays as it is. The exit code does not depend on survivors: this is a tool for people, not a gate.
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { openCompiler, type PlacedMutant } from './mutate/compiler.ts'
import { endTests, mirrored, runTests } from './mutate/tests.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const say = (line: string) => void process.stdout.write(`${line}\n`)
const { positionals: paths, values } = parseArgs({
  allowPositionals: true,
  options: {
    max: { type: 'string', default: 'Infinity' },
    seed: { type: 'string', default: '1' },
    jobs: { type: 'string', default: '1' },
    limit: { type: 'string' },
  },
})

const listed = ['ls-files', '-z', '--cached', '--others', '--exclude-standard']
const tree = execFileSync('git', listed, { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 26 })
  .split('\0')
  .filter((file) => file !== '' && existsSync(join(root, file)))
const within = (file: string) => paths.some((path) => `${file}/`.startsWith(`${path.replace(/\/$/, '')}/`))
const files = tree.filter((file) => file.endsWith('.ts') && within(file))
if (files.length === 0) {
  say('Name files or folders with TypeScript in them: npm run mutate -- src/net')
  process.exit(2)
}

const directory = mkdtempSync(join(tmpdir(), 'regguard-mutate-'))
process.on('exit', () => {
  endTests()
  rmSync(directory, { recursive: true, force: true, maxRetries: 5 })
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130))

/** A copy of the tree, with the modules of this one. */
function copyTree(name: string): string {
  const copy = join(directory, name)
  for (const file of tree) cpSync(join(root, file), join(copy, file))
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  return copy
}

/** Numbers from 0 to 1 that a seed repeats (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const copies = Array.from({ length: Number(values.jobs) }, (_, at) => copyTree(String(at)))
const [first = ''] = copies
const compiler = openCompiler(first)
const max = Number(values.max)
const all = files.flatMap(compiler.mutantsIn)
const random = randomFrom(Number(values.seed))
const ordered =
  max < all.length
    ? all
        .map((mutant) => ({ mutant, key: random() }))
        .toSorted((a, b) => a.key - b.key)
        .map(({ mutant }) => mutant)
    : all
const chosen: PlacedMutant[] = []
for (const mutant of ordered) if (chosen.length < max && compiler.compiles(mutant)) chosen.push(mutant)
compiler.close()
say(`${chosen.length} mutants of ${all.length} places in ${files.length} files`)

const related = (of: string[]) => ['related', ...of, '--project=pure']
const touched = [...new Set(chosen.map(({ file }) => file))]
const own = [...new Set(touched.flatMap((file) => mirrored(file, tree).flat()))]
const before = [
  await runTests(first, related(touched), 3600),
  ...(own.length > 0 ? [await runTests(first, own, 3600)] : []),
]
const without = before.flatMap(({ failing }) => failing)
for (const file of without) say(`left out, as it fails without a mutant: ${file}`)
const limit = Number(values.limit ?? 30 + 2 * before.reduce((sum, { seconds }) => sum + seconds, 0))

/** The test that notices a mutant. */
async function killer(
  { file, before: text, after }: PlacedMutant,
  copy: string,
): Promise<string | undefined> {
  const [named, folder] = mirrored(file, tree)
  const stages = [named, folder].filter((tests) => tests.length > 0)
  writeFileSync(join(copy, file), after)
  try {
    for (const args of [...stages, related([file])]) {
      const { failure } = await runTests(
        copy,
        [...args, ...without.map((test) => `--exclude=${test}`)],
        limit,
      )
      if (failure !== undefined) return failure
    }
    return undefined
  } finally {
    writeFileSync(join(copy, file), text)
  }
}

const survivors: PlacedMutant[] = []
const queue = chosen.values()
let done = 0
await Promise.all(
  copies.map(async (copy) => {
    for (const mutant of queue) {
      const by = await killer(mutant, copy)
      done += 1
      if (by === undefined) survivors.push(mutant)
      say(
        `${done}/${chosen.length} ${by === undefined ? 'SURVIVED' : 'killed'} ${mutant.place}  ${mutant.change}${by === undefined ? '' : `  (${by})`}`,
      )
    }
  }),
)
const killed = chosen.length - survivors.length
say(`\n${killed} of ${chosen.length} killed: ${Math.round((100 * killed) / Math.max(1, chosen.length))} %`)
for (const { place, change } of survivors) say(`survived: ${place}  ${change}`)
