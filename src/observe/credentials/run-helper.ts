import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { execa } from 'execa'
import type { Env } from '../../settings/sources.ts'

/** How a helper ended: it exited (`code` is its exit code or signal), was not found, or was killed for one of three reasons. */
export type HelperResult =
  | { end: 'exit'; code: number | string; stdout: string; stderr: string }
  | { end: 'missing' | 'timeout' | 'stopped' | 'overflow' }

/** The most that a helper may print; no credential is longer. */
export const maxOutputBytes = 64 * 1024

/** How long output is still read after the helper exited. */
const drainMs = 250

/** Runs a credential helper with the argument `get` and the server on standard input. */
export const runHelper = (program: string, server: string, limits: HelperLimits): Promise<HelperResult> =>
  runProgram(program, ['get'], server, limits)

/** What bounds a helper. Its environment is `env` and nothing else. */
interface HelperLimits {
  env: Env
  signal: AbortSignal
  limitMs: number
}

/**
 * Runs a program that prints a credential, with `input` on standard input. Waits for the helper to exit, not for the end of its output:
 * a program that it leaves behind, such as a key agent, may keep that open for hours. On timeout, abort or too much output the helper
 * is killed, with every process that it started.
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  input: string,
  { env, signal, limitMs }: HelperLimits,
): Promise<HelperResult> {
  const child = execa(program, args, {
    input,
    env: withoutUnset(env),
    extendEnv: false,
    reject: false,
    buffer: false,
    killDescendants: true,
  })
  const { nodeChildProcess: node } = child
  const done = new AbortController()
  const outputs = [child.stdout, child.stderr].map((stream) => collect(stream))
  const [stdout, stderr] = outputs.map(({ text }) => text) as [() => string, () => string]
  const exited = child.then(({ code, exitCode, signal: killedBy }): HelperResult => {
    if (code === 'ENOENT') return { end: 'missing' }
    return { end: 'exit', code: exitCode ?? killedBy ?? 'unknown', stdout: stdout(), stderr: stderr() }
  })
  const exitedWithOpenOutput = once(node, 'exit', { signal: done.signal })
    .then(() => wait(drainMs, undefined, { signal: done.signal }))
    .then(
      (): HelperResult => ({
        end: 'exit',
        code: node.exitCode ?? node.signalCode ?? 'unknown',
        stdout: stdout(),
        stderr: stderr(),
      }),
    )
  const endsWhen = (end: 'timeout' | 'stopped' | 'overflow', event: Promise<unknown>) =>
    event.then((): HelperResult => ({ end }))
  try {
    return await Promise.race([
      exited,
      pendingOnError(exitedWithOpenOutput),
      pendingOnError(endsWhen('timeout', wait(limitMs, undefined, { signal: done.signal }))),
      pendingOnError(endsWhen('stopped', once(signal, 'abort', { signal: done.signal }))),
      ...outputs.map(({ full }) => endsWhen('overflow', full)),
    ])
  } finally {
    done.abort()
    if (node.exitCode === null && node.signalCode === null) child.kill('SIGKILL')
    child.stdout.destroy()
    child.stderr.destroy()
  }
}

/** Ignores the AbortError of waits that were cancelled: the promise then stays pending. */
const pendingOnError = (work: Promise<HelperResult>): Promise<HelperResult> =>
  work.catch(() => new Promise(() => {}))

/** Collects an output stream; `full` resolves when it exceeds the limit. */
function collect(stream: NodeJS.ReadableStream): { text: () => string; full: Promise<void> } {
  const parts: Buffer[] = []
  let bytes = 0
  const full = new Promise<void>((resolve) => {
    stream.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > maxOutputBytes) resolve()
      else parts.push(chunk)
    })
  })
  stream.on('error', () => {})
  return { text: () => Buffer.concat(parts).toString('utf8'), full }
}

const withoutUnset = (env: Env): Record<string, string> =>
  Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined))
