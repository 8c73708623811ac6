import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { readArguments } from '../../src/cli/arguments.ts'
import { verifyCommand } from '../../src/cli/commands/verify.ts'
import { createMask } from '../../src/log/mask.ts'

/** What a run in this process came to; it has no stderr, and no memory of its own. */
export interface HereResult {
  exitCode: number
  stdout: string
}

/**
 * Runs the command that verifies, from its arguments to its exit code, in this process: a tenth of what a process of its own costs.
 * For what the platform, the settings or a registry change in the output, where one other run of the same shows that the process does the
 * same; not for signals, crashes and limits.
 */
export async function runHere(args: string[], given: Record<string, string> = {}): Promise<HereResult> {
  let stdout = ''
  // The machine that runs the tests is not a CI runner.
  const env = { PATH: process.env.PATH, PLUGIN_CHECKS: 'image,registry,path', ...given }
  const command = readArguments(args)
  if (command.name !== 'verify') throw new Error(`${command.name} is no command that verifies`)
  const exitCode = await verifyCommand(
    {
      ...{ env, args, mask: createMask(), certsRoot: '/etc/docker/certs.d', terminal: false },
      write: (text) => {
        stdout += text
      },
      now: Date.now,
      every: (ms, run) => {
        const timer = setInterval(run, ms)
        return () => clearInterval(timer)
      },
      appendFile: appendFileSync,
      writeFile: writeFileSync,
      readFile: (path) => {
        try {
          return readFileSync(path, 'utf8')
        } catch {
          return undefined
        }
      },
      replaceFile: writeFileSync,
      pid: process.pid,
      isAlive: () => true,
      onSignal: () => {},
    },
    command.settings,
    command.problems,
  )
  return { exitCode, stdout }
}
