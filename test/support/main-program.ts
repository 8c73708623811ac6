import { globSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const project = fileURLToPath(new URL('../../', import.meta.url))
const bundle = 'dist/regguard-plugin.mjs'
const sources = 'src/main.ts'
/** What the bundle is built from, pages included. */
const inputs = ['src/**/*.ts', 'docs/findings/*.md', 'scripts/bundle.ts']

/** The environment variable with the program that this run's suites start, relative to the project. */
export const mainVariable = 'REGGUARD_TEST_MAIN'

/** The program as a path relative to the project, which containers see elsewhere. */
export const mainProgram = (): string => process.env[mainVariable] ?? sources

/** The program's file. */
export const mainFile = (): string => `${project}${mainProgram()}`

/**
 * The bundle where it is not older than any of what it is built from: it starts in a third of the time that the sources need, and
 * it is what users run. Otherwise the sources.
 */
export function newestProgram(): string {
  const built = changedAt(bundle)
  const files = ['package.json', ...globSync(inputs, { cwd: project })]
  return files.every((file) => changedAt(file) <= built) ? bundle : sources
}

const changedAt = (file: string): number =>
  statSync(`${project}${file}`, { throwIfNoEntry: false })?.mtimeMs ?? 0
