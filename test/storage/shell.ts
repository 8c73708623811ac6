import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/** A shell that runs one script after the other: to start many programs from a small process takes a fraction of what Node needs. */
export interface Shell {
  /** Runs commands; ends when they have. What they print is lost unless they redirect it. */
  run: (script: string) => Promise<void>
  close: () => void
}

export function openShell(): Shell {
  const child = spawn('sh', [], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  let last: Promise<void> = Promise.resolve()
  const runNow = async (script: string): Promise<void> => {
    child.stdin.write(`{\n${script}\n} >/dev/null </dev/null\necho ended\n`)
    const { value } = await lines.next()
    if (value !== 'ended') throw new Error(`the shell ended: ${script.slice(0, 200)}`)
  }
  return {
    run: (script) => {
      last = last.then(() => runNow(script))
      return last
    },
    close: () => child.stdin.end(),
  }
}
