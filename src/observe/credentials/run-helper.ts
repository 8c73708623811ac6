import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { execa } from 'execa'
import type { Env } from '../../settings/sources.ts'

/** How the run of a helper ended: by itself (an exit code or a signal), or because it was given up. */
export type HelperRun =
  | { end: 'exit'; how: number | string; stdout: string; stderr: string }
  | { end: 'missing' | 'late' | 'stopped' | 'flood' }

/** No credential is longer; more is not kept. */
export const outputCap = 64 * 1024

/** What a helper has written before it ends is in the pipe by then. */
const afterExitMs = 250

/**
 * Runs a helper with `get` and the server on its input. It is not the end of its output that is waited for: a program that it leaves
 * behind, such as a key agent, may hold that open for hours. A helper that is given up ends at once, with all that it started.
 */
export async function runHelper(
  program: string,
  server: string,
  { env, signal, limitMs }: { env: Env; signal: AbortSignal; limitMs: number },
): Promise<HelperRun> {
  const child = execa(program, ['get'], {
    input: server,
    env: present(env),
    extendEnv: false,
    reject: false,
    buffer: false,
    killDescendants: true,
  })
  const { nodeChildProcess: node } = child
  const over = new AbortController()
  const { signal: end } = over
  const outputs = [child.stdout, child.stderr].map((stream) => collect(stream))
  const [stdout, stderr] = outputs.map(({ text }) => text) as [() => string, () => string]
  const exited = child.then(({ code, exitCode, signal: by }): HelperRun => {
    if (code === 'ENOENT') return { end: 'missing' }
    return { end: 'exit', how: exitCode ?? by ?? 'unknown', stdout: stdout(), stderr: stderr() }
  })
  const leftBehind = once(node, 'exit', { signal: end })
    .then(() => wait(afterExitMs, undefined, { signal: end }))
    .then(
      (): HelperRun => ({
        end: 'exit',
        how: node.exitCode ?? node.signalCode ?? 'unknown',
        stdout: stdout(),
        stderr: stderr(),
      }),
    )
  const given = (way: 'late' | 'stopped' | 'flood', when: Promise<unknown>) =>
    when.then((): HelperRun => ({ end: way }))
  try {
    return await Promise.race([
      exited,
      never(leftBehind),
      never(given('late', wait(limitMs, undefined, { signal: end }))),
      never(given('stopped', once(signal, 'abort', { signal: end }))),
      ...outputs.map(({ full }) => given('flood', full)),
    ])
  } finally {
    over.abort()
    if (node.exitCode === null && node.signalCode === null) child.kill('SIGKILL')
    child.stdout.destroy()
    child.stderr.destroy()
  }
}

/** What is called off has nothing to say. */
const never = (work: Promise<HelperRun>): Promise<HelperRun> => work.catch(() => new Promise(() => {}))

/** Keeps the beginning of an output, and tells when it is more than that. */
function collect(stream: NodeJS.ReadableStream): { text: () => string; full: Promise<void> } {
  const parts: Buffer[] = []
  let bytes = 0
  const full = new Promise<void>((tell) => {
    stream.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > outputCap) tell()
      else parts.push(chunk)
    })
  })
  stream.on('error', () => {})
  return { text: () => Buffer.concat(parts).toString('utf8'), full }
}

const present = (env: Env): Record<string, string> =>
  Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined))
