import {
  appendFileSync,
  chmodSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { CommandText, Io } from './cli/io.ts'
import { readPlainCommand } from './cli/plain-command.ts'
import { sourceStack } from './cli/stack.ts'
import { createMask } from './log/mask.ts'
import { safeLine } from './log/safe-line.ts'
import { stripColour } from './log/text.ts'

/** After a signal, the partial results are printed within this time, unless a command asks for more. */
const signalMs = 1500

const mask = createMask()

/** Runs the command that the arguments name, and ends the process with its exit code. */
export async function run(): Promise<void> {
  process.on('uncaughtException', internalError)
  process.on('unhandledRejection', internalError)
  process.exit(await main(openIo()))
}

/** Read when the program starts and not when it is loaded, which for a snapshot is while it is built. */
const openIo = (): Io => ({
  env: process.env,
  args: process.argv.slice(2),
  mask,
  certsRoot: '/etc/docker/certs.d',
  write: writeOut,
  terminal: process.stdout.isTTY === true && process.env.TERM !== 'dumb',
  now: Date.now,
  every: (ms, run) => {
    const timer = setInterval(run, ms)
    timer.unref()
    return () => clearInterval(timer)
  },
  appendFile: appendFileSync,
  writeFile: writeFileSync,
  readFile: readText,
  replaceFile,
  pid: process.pid,
  isAlive,
  onSignal: (stop, graceMs = signalMs) => {
    for (const [name, exitCode] of [
      ['SIGTERM', 143],
      ['SIGINT', 130],
    ] as const) {
      process.on(name, () => {
        setTimeout(() => process.exit(exitCode), graceMs)
        stop(name, exitCode)
      })
    }
  },
})

/**
 * The new file is written beside the old one, under a name that the textfile collector of node_exporter does not read, and takes its
 * place at once. Mode 0644, because the collector runs as another user.
 */
function replaceFile(path: string, text: string): void {
  const fresh = `${path}.${process.pid}.tmp`
  try {
    writeFileSync(fresh, text)
    chmodSync(fresh, 0o644)
    renameSync(fresh, path)
  } catch (error) {
    rmSync(fresh, { force: true })
    throw error
  }
}

/** Whether a process of this machine, or of this container, runs; also one of another user. */
function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

async function main(io: Io): Promise<number> {
  const command = readPlainCommand(io.args) ?? (await import('./cli/arguments.ts')).readArguments(io.args)
  if (command.name === 'verify') {
    const { keepHeapSmall } = await import('./cli/scan-memory.ts')
    keepHeapSmall(io.env, command.settings)
    const { verifyCommand } = await import('./cli/commands/verify.ts')
    return verifyCommand(io, command.settings, command.problems)
  }
  if (command.name === 'demo') {
    const { demoCommand } = await import('./cli/commands/demo.ts')
    return demoCommand(io, command.file)
  }
  if (command.name === 'host-snapshot') {
    const { snapshotCommand } = await import('./cli/commands/host-snapshot.ts')
    return snapshotCommand(io, command.args)
  }
  if (command.name === 'mistyped') {
    const { mistypeText } = await import('./cli/mistype.ts')
    io.write(`${safeLine(mistypeText(command.mistype))}\n`)
    return 2
  }
  if (command.name === 'explain') {
    const { explainText } = await import('./cli/commands/explain.ts')
    return print(io, await explainText(command.finding))
  }
  if (command.name === 'compare') {
    const { compareText } = await import('./cli/commands/compare.ts')
    const compared = await compareText(command.files)
    await print(io, compared)
    return compared.exitCode
  }
  const { version } = await import('./cli/version.ts')
  if (command.name === 'version') {
    io.write(`regguard ${version}\n`)
    return 0
  }
  const { helpText, settingHelp } = await import('./cli/commands/help.ts')
  return print(
    io,
    command.setting === undefined ? { ok: true, text: helpText(version) } : settingHelp(command.setting),
  )
}

/** Prints what a command gives, in colour where it is wanted; gives the exit code. */
async function print(io: Io, { ok, text }: CommandText): Promise<number> {
  const { wantsColour } = await import('./cli/colour.ts')
  io.write(wantsColour(io, 'plain') ? text : stripColour(text))
  return ok ? 0 : 2
}

/** Writes synchronously and completely, so that nothing is lost when the process exits. Exits when the reader has closed the pipe. */
function writeOut(text: string): void {
  let rest = Buffer.from(text)
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(process.stdout.fd, rest))
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : ''
      if (code === 'EAGAIN') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
      else process.exit(1)
    }
  }
}

/** A bug of regguard: reported in a few lines, and never as a fault of the image. */
function internalError(error: unknown): never {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  const lines = mask.apply(sourceStack(stack, readMap)).split('\n').slice(0, 12)
  writeOut('regguard crashed; nothing was judged. Please report it:\n')
  for (const line of lines) writeOut(`  ${safeLine(line).slice(0, 200)}\n`)
  process.exit(3)
}

/** The source map of a file: beside it, or beside the program where a snapshot was built elsewhere. */
const readMap = (file: string): string | undefined =>
  readText(`${file}.map`) ?? readText(join(dirname(process.argv[1] ?? ''), `${basename(file)}.map`))

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
