import { globSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const project = fileURLToPath(new URL('../../', import.meta.url))
/** What the program is built from, pages included. */
const inputs = ['package.json', 'src/**/*.ts', 'docs/findings/*.md', 'scripts/{bundle,snapshot}.ts']

/** The program that suites start, as a path relative to the project, which containers see elsewhere. */
export const mainProgram = 'dist/image/regguard-plugin.mjs'

/** The program's file. */
export const mainFile = `${project}${mainProgram}`

/** The program as the image starts it: from a snapshot, with the file of the program as its name. */
export const fromSnapshot = [...['--snapshot-blob', mainFile.replace(/mjs$/, 'snapshot')], mainFile] as const

/** What it is built from. Node runs it too, more slowly. */
export const sourceFile = `${project}src/main.ts`

/**
 * Builds the program where it is older than any of what it is built from: a suite that starts an older program passes on the machine
 * of whoever did not build, and fails elsewhere.
 */
export async function buildProgram(): Promise<void> {
  const built = changedAt(mainProgram)
  if (globSync(inputs, { cwd: project }).every((file) => changedAt(file) <= built)) return
  const { buildProgram: build } = await import('../../scripts/bundle.ts')
  await build(undefined)
}

const changedAt = (file: string): number =>
  statSync(`${project}${file}`, { throwIfNoEntry: false })?.mtimeMs ?? 0
