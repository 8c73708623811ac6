import type { Io } from './io.ts'

/**
 * Appends to the files of the CI runner (outputs, summary). If this user may not write one, the outputs are lost, but not the
 * verdict. The first failure is logged as a warning.
 */
export function runnerFile(io: Io, warn: (text: string) => void): Io['appendFile'] {
  let isWarned = false
  return (path, text) => {
    try {
      io.appendFile(path, text)
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      if (!isWarned)
        warn(
          `a file of the CI runner cannot be written, so that this part of the step's outputs is lost: ${why}`,
        )
      isWarned = true
    }
  }
}
