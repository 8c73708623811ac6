import { execa } from 'execa'
import { type Pull, pullLimitMs } from './client.ts'

/** Runs a client that ends when it has pulled, and takes what it prints as its error for the reason of a failure. */
export async function runClient(
  [file = '', ...args]: string[],
  env: Record<string, string> = {},
): Promise<Pull> {
  const done = await execa(file, args, {
    ...{ reject: false, stdin: 'ignore', timeout: pullLimitMs, env },
  })
  // Too slow is no verdict.
  if (done.timedOut) throw new Error(done.shortMessage)
  if (done.exitCode === 0) return { ok: true }
  const printed = done.stderr.trim() || done.stdout.trim() || (done.shortMessage ?? 'no output')
  return { ok: false, error: lastLine(printed) }
}

/** The version that a program states, in what it prints for these arguments. */
export async function versionOf([file = '', ...args]: string[]): Promise<string> {
  const { stdout } = await execa(file, args, { stdin: 'ignore' })
  return /\d+\.\d+[^\s,+]*/.exec(stdout)?.[0] ?? stdout.trim()
}

/** Clients tell their progress first and the reason of the failure last. */
function lastLine(text: string): string {
  return (
    text
      .split('\n')
      .map((line) => line.trim())
      .filter(Boolean)
      .at(-1) ?? text
  )
}
