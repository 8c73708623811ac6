import type { Io } from './io.ts'

/**
 * Appends to the files of the runner (outputs, summary). One that this user may not write costs the outputs, and not the
 * verdict: it is said once.
 */
export function runnerFile(io: Io, warn: (text: string) => void): Io['appendFile'] {
  let told = false
  return (path, text) => {
    try {
      io.appendFile(path, text)
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      if (!told)
        warn(`the outputs of this step are lost, the runner's file for them cannot be written: ${why}`)
      told = true
    }
  }
}
