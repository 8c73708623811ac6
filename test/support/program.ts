import { createConnection } from 'node:net'
import { basename } from 'node:path'
import { execa } from 'execa'
import { until } from './until.ts'

/** A program that a test has started. */
export type Program = {
  /** All that it has printed until now, stderr included. */
  output(): string
  stdout(): string
  /** Undefined while it runs, then how it ended: its exit code or the signal. */
  ended(): number | string | undefined
  signal(name: NodeJS.Signals): void
  /** Ends it with SIGTERM, or with SIGKILL where that is not enough. */
  stop(): Promise<void>
}

/** How a program is started. */
export type ProgramOptions = {
  /** Whether it does its work now. Asked again and again while it runs. */
  ready: (program: Program) => boolean | Promise<boolean>
  /** What errors call it. */
  name?: string
  env?: Record<string, string>
  cwd?: string
  /** Kept open, for programs that end with their input. */
  stdin?: 'ignore' | 'pipe'
  /** The signal that ends it: SIGKILL for a program that a test may have frozen. */
  stopWith?: 'SIGTERM' | 'SIGKILL'
  /** Removes what it needed and left; runs when it has ended, and also when it did not start. */
  clear?: () => Promise<void>
  /** How long it may take to end before SIGKILL; dockerd gives its containers 15 s. */
  killAfterMs?: number
  /** Less than a hook may last, so that the error has its output. */
  limitMs?: number
}

/**
 * Starts a program and waits until it is ready; one that ends before or is late is stopped, and its output is in the error. It
 * does not outlive the process of the test: execa signals it when that exits or is signalled.
 */
export async function startProgram(
  [file = '', ...args]: string[],
  options: ProgramOptions,
): Promise<Program> {
  const { ready, name = basename(file), stopWith = 'SIGTERM', limitMs = 50_000 } = options
  const child = execa(file, args, {
    ...{ all: true, buffer: false, reject: false, stdin: options.stdin ?? 'ignore' },
    ...(options.env && { env: options.env }),
    ...(options.cwd !== undefined && { cwd: options.cwd }),
    ...{ killSignal: stopWith, forceKillAfterDelay: options.killAfterMs ?? 20_000 },
  })
  let [output, stdout] = ['', '']
  child.all.on('data', (chunk: Buffer) => {
    output += chunk.toString('utf8')
  })
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString('utf8')
  })
  let how: number | string | undefined
  const end = child.then((result) => {
    how = result.exitCode ?? result.signal ?? result.shortMessage ?? 'unknown'
  })
  const program: Program = {
    output: () => output,
    stdout: () => stdout,
    ended: () => how,
    signal: (signal) => void child.kill(signal),
    stop: async () => {
      child.kill()
      await end
      await options.clear?.()
    },
  }
  try {
    await until(`${name} is ready`, () => isReady(program, ready), { limitMs })
  } catch (error) {
    await program.stop()
    throw new Error(`${name} did not start: ${(error as Error).message}\n${output.slice(-3000)}`)
  }
  return program
}

/** Asked before and after: a stranger on the same port would answer too, while this process has already given up. */
async function isReady(program: Program, ready: ProgramOptions['ready']): Promise<boolean> {
  const found = program.ended() === undefined && (await ready(program))
  if (program.ended() !== undefined) throw new Error(`it ended with ${program.ended()}`)
  return found
}

/** Whether somebody takes connections there. */
export function listens(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host, port })
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

/** The status of an HTTP response that came from there; undefined where none came. */
export function statusOf(url: string): Promise<number | undefined> {
  return fetch(url).then(
    async (response) => {
      await response.arrayBuffer()
      return response.status
    },
    () => undefined,
  )
}
