import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** One run of a program, from its start to its exit. */
export interface Measured {
  seconds: number
  /** Peak resident memory in MB; undefined if it ended before it was first looked at. */
  peakMb: number | undefined
}

/** A command with its arguments, and variables for its environment. */
export interface CommandLine {
  command: readonly [string, ...string[]]
  env?: Record<string, string>
}

/** Runs a command and measures it. Fails if the command does. */
export async function measure({ command: [file, ...args], env = {} }: CommandLine): Promise<Measured> {
  const startedAt = performance.now()
  const child = spawn(file, args, {
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '/tmp', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      output = (output + chunk).slice(-4000)
    })
  const watched = watchMemory(child)
  const exitCode = await new Promise((done, fail) => {
    child.once('error', fail)
    child.once('close', done)
  })
  const seconds = (performance.now() - startedAt) / 1000
  const peakMb = watched()
  if (exitCode !== 0) throw new Error(`${[file, ...args].join(' ')} ended with ${exitCode}:\n${output}`)
  return { seconds, peakMb }
}

/** Reads the peak of a process from the kernel until it ends; a child of it, as of a shell, is not counted. */
function watchMemory({ pid }: ChildProcess): () => number | undefined {
  let peak: number | undefined
  const look = () => {
    try {
      const kb = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
      if (kb !== undefined) peak = Math.round(Number(kb) / 1024)
    } catch {
      // It has ended.
    }
  }
  const timer = setInterval(look, 20)
  return () => {
    clearInterval(timer)
    return peak
  }
}

/** The middle value; of an even number, the mean of the two in the middle. */
export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  const [low = 0, high = low] = sorted.slice(Math.ceil(middle) - 1, Math.floor(middle) + 1)
  return (low + high) / 2
}
