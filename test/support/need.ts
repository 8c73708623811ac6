import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { describe } from 'vitest'
import { type Suite, suiteWithout } from './suite.ts'

/** A `describe` for suites that need these programs. Where one is missing, it fails in CI and is skipped elsewhere. */
export function suiteNeeds(programs: string[]): Suite {
  const missing = programs.filter((name) => findProgram(name) === undefined)
  if (missing.length === 0) return (title, body) => void describe(title, body)
  const reason = `needs ${missing.join(' and ')}, not found on the PATH or in /usr/sbin`
  return suiteWithout(reason, { mustRunInCi: true })
}

/** The full path of a program, or undefined. */
export function findProgram(name: string): string | undefined {
  const directories = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin']
  return directories.map((directory) => join(directory, name)).find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
