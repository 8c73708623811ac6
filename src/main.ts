#!/usr/bin/env node
import { appendFileSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { readArguments } from './cli/arguments.ts'
import type { Io } from './cli/io.ts'
import { sourceStack } from './cli/stack.ts'
import { createMask } from './log/mask.ts'
import { safeLine } from './log/safe-line.ts'

/** After a signal everything that is known must be said within this time. */
const signalMs = 1500

const mask = createMask()

process.on('uncaughtException', internalError)
process.on('unhandledRejection', internalError)

const io: Io = {
  env: process.env,
  args: process.argv.slice(2),
  mask,
  certsRoot: '/etc/docker/certs.d',
  write: writeOut,
  terminal: process.stdout.isTTY === true,
  now: Date.now,
  every: (ms, run) => {
    const timer = setInterval(run, ms)
    timer.unref()
    return () => clearInterval(timer)
  },
  appendFile: appendFileSync,
  writeFile: writeFileSync,
  onSignal: (stop) => {
    for (const [name, exitCode] of [
      ['SIGTERM', 143],
      ['SIGINT', 130],
    ] as const) {
      process.on(name, () => {
        setTimeout(() => process.exit(exitCode), signalMs)
        stop(name, exitCode)
      })
    }
  },
}

process.exit(await main())

async function main(): Promise<number> {
  const command = readArguments(io.args)
  if (command.name === 'verify') {
    const { verifyCommand } = await import('./cli/commands/verify.ts')
    return verifyCommand(io, command.settings, command.problems)
  }
  if (command.name === 'demo') {
    const { demoCommand } = await import('./cli/commands/demo.ts')
    return demoCommand(io)
  }
  if (command.name === 'host-snapshot') {
    const { snapshotCommand } = await import('./cli/commands/host-snapshot.ts')
    return snapshotCommand(io, command.args)
  }
  if (command.name === 'explain') {
    const { explainText } = await import('./cli/commands/explain.ts')
    const { ok, text } = await explainText(command.finding)
    io.write(text)
    return ok ? 0 : 2
  }
  const { version } = await import('./cli/version.ts')
  if (command.name === 'version') {
    io.write(`regguard ${version}\n`)
    return 0
  }
  const { helpText } = await import('./cli/help.ts')
  io.write(helpText(version))
  return 0
}

/** Writes at once and whole, so that nothing is lost when the process ends; a reader that went away ends it. */
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

/** Our own mistake: said in a few lines, and never taken for a fault of the image. */
function internalError(error: unknown): never {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  const lines = mask.apply(sourceStack(stack, readMap)).split('\n').slice(0, 12)
  writeOut('regguard failed itself; this says nothing of the image. Please report it:\n')
  for (const line of lines) writeOut(`  ${safeLine(line).slice(0, 200)}\n`)
  process.exit(3)
}

function readMap(file: string): string | undefined {
  try {
    return readFileSync(`${file}.map`, 'utf8')
  } catch {
    return undefined
  }
}
