import type { HostAccess, ProgramRun, RunOptions } from '../../src/observe/runner/host-access.ts'

/** What stands in for a machine. Whatever is not named is not there. */
export interface FakeMachine {
  /** Texts by path; a function is asked on each reading; `{ code }` cannot be read. */
  files?: Record<string, string | (() => string) | { code: string }>
  directories?: Record<string, string[]>
  kernelLog?: string | { code: string }
  /** What a program prints, by its name or by its name and arguments. */
  programs?: Record<string, Answer | ((args: string[], options: RunOptions) => Answer | Promise<Answer>)>
  uid?: number
  now?: () => number
  signal?: AbortSignal
}

type Answer = string | Partial<Extract<ProgramRun, { state: 'ended' }>> | { state: 'missing' | 'stopped' }

/** A world of recorded texts, and every program that was run in it. */
export function fakeHostAccess(machine: FakeMachine): HostAccess & { ran: string[] } {
  const { files = {}, directories = {}, kernelLog = { code: 'ENOENT' }, programs = {} } = machine
  const ran: string[] = []
  const textOf = (found: string | { code: string }) =>
    typeof found === 'string'
      ? { ok: true as const, text: found, truncated: false }
      : { ok: false as const, ...found }
  return {
    ran,
    uid: machine.uid ?? 0,
    now: machine.now ?? Date.now,
    signal: machine.signal ?? new AbortController().signal,
    read: async (path) => {
      const found = files[path] ?? { code: 'ENOENT' }
      return textOf(typeof found === 'function' ? found() : found)
    },
    list: async (path) => directories[path] ?? [],
    kernelLog: async () => textOf(kernelLog),
    run: async (program, args, options = {}) => {
      const line = [program, ...args].join(' ')
      ran.push(line)
      const found = programs[line] ?? programs[program]
      const answer = typeof found === 'function' ? await found(args, options) : found
      if (answer === undefined) return { state: 'missing' }
      const ended = { state: 'ended' as const, exitCode: 0, stdout: '', stderr: '', truncated: false }
      if (typeof answer === 'string') return { ...ended, stdout: answer }
      return answer.state === 'missing' || answer.state === 'stopped' ? answer : { ...ended, ...answer }
    },
  }
}
