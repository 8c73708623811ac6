import type { HostAccess, ProgramRun, RunOptions } from '../../src/observe/runner/host-access.ts'

/** A fake machine. Whatever is not named does not exist. */
export interface FakeMachine {
  /** Texts by path; a function is called on each read; `{ code }` cannot be read. */
  files?: Record<string, string | (() => string) | { code: string }>
  directories?: Record<string, string[]>
  kernelLog?: string | { code: string }
  /** The output of programs, by name or by name and arguments. */
  programs?: Record<string, Answer | ((args: string[], options: RunOptions) => Answer | Promise<Answer>)>
  uid?: number
  now?: () => number
  signal?: AbortSignal
}

type Answer = string | Partial<Extract<ProgramRun, { state: 'ended' }>> | { state: 'missing' | 'stopped' }

/** Access to a fake machine; `ran` lists the commands that were run. */
export function fakeHostAccess(machine: FakeMachine): HostAccess & { ran: string[] } {
  const { files = {}, directories = {}, kernelLog = { code: 'ENOENT' }, programs = {} } = machine
  const ran: string[] = []
  const textOf = (entry: string | { code: string }) =>
    typeof entry === 'string'
      ? { ok: true as const, text: entry, truncated: false }
      : { ok: false as const, ...entry }
  return {
    ran,
    uid: machine.uid ?? 0,
    now: machine.now ?? Date.now,
    signal: machine.signal ?? new AbortController().signal,
    read: async (path) => {
      const entry = files[path] ?? { code: 'ENOENT' }
      return textOf(typeof entry === 'function' ? entry() : entry)
    },
    list: async (path) => directories[path] ?? [],
    kernelLog: async () => textOf(kernelLog),
    run: async (program, args, options = {}) => {
      const line = [program, ...args].join(' ')
      ran.push(line)
      const entry = programs[line] ?? programs[program]
      const answer = typeof entry === 'function' ? await entry(args, options) : entry
      if (answer === undefined) return { state: 'missing' }
      const ended = { state: 'ended' as const, exitCode: 0, stdout: '', stderr: '', truncated: false }
      if (typeof answer === 'string') return { ...ended, stdout: answer }
      return answer.state === 'missing' || answer.state === 'stopped' ? answer : { ...ended, ...answer }
    },
  }
}
