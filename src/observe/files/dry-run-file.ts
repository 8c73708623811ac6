import { stat } from 'node:fs/promises'
import type { Problem } from '../../settings/problem.ts'

/** What is wrong with the file of `forecast_check`: a configured file that cannot be used is a problem, never ignored. */
export async function dryRunProblems(path: string | undefined): Promise<Problem[]> {
  if (path === undefined) return []
  const problem = (message: string) => [{ setting: 'forecast_check', value: path, message }]
  try {
    const found = await stat(path)
    return found.isFile() ? [] : problem(`is no file; ${expected}`)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    return problem(code === 'ENOENT' ? `does not exist; ${expected}` : `cannot be read (${code})`)
  }
}

const expected = 'it must hold the output of garbage-collect --dry-run'
