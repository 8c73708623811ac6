import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startProgram } from './program.ts'
import { until } from './until.ts'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'regguard-program-'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

const shell = (script: string) => ['sh', '-c', script]
const runs = (pid: number) =>
  readFile(`/proc/${pid}/stat`, 'utf8').then(
    // In a container nobody may wait for orphans; a zombie has ended.
    (text) => !/\) Z /.test(text),
    () => false,
  )
const gone = (pid: number) => until(`process ${pid} is gone`, async () => !(await runs(pid)))
const pidIn = (text: string) => Number(/pid (\d+)/.exec(text)?.[1])

test('a program is waited for, and ends when it is stopped', async () => {
  const file = join(directory, 'ready')
  const program = await startProgram(shell(`echo pid $$; echo warned >&2; : >'${file}'; exec sleep 600`), {
    ready: () => stat(file).then(Boolean, () => false),
  })
  expect(program.ended()).toBeUndefined()
  await until('all that it prints', () => program.output().includes('warned'))
  expect(program.stdout()).toMatch(/^pid \d+\n$/)
  await program.stop()
  expect(program.ended()).toBe('SIGTERM')
  expect(await runs(pidIn(program.stdout()))).toBe(false)
})

test('one that ends before it is ready is an error with its output, and what it left is cleared', async () => {
  let cleared = 0
  const started = startProgram(shell('echo no such port; exit 3'), {
    name: 'the server',
    ready: () => false,
    clear: async () => {
      cleared += 1
    },
  })
  await expect(started).rejects.toThrow(/^the server did not start: it ended with 3\nno such port\n$/)
  expect(cleared).toBe(1)
})

test('one that answers in the place of a program that has ended is not taken for it', async () => {
  const started = startProgram(['false'], {
    ready: ({ ended }) => until('it has ended', () => ended() !== undefined),
  })
  await expect(started).rejects.toThrow('it ended with 1')
})

test('one that is never ready is stopped', async () => {
  const started = startProgram(shell('echo pid $$; exec sleep 600'), { ready: () => false, limitMs: 1000 })
  const error: Error = await started.catch((reason) => reason)
  expect(error.message).toMatch(/^sh did not start: sh is ready: not within 1 s\npid \d+\n$/)
  expect(await runs(pidIn(error.message))).toBe(false)
})

test('one that ignores SIGTERM, or was frozen, ends too', async () => {
  const stubborn = await startProgram(shell("trap '' TERM; echo deaf; while :; do sleep 0.1; done"), {
    ready: ({ output }) => output().includes('deaf'),
    killAfterMs: 100,
  })
  await stubborn.stop()
  expect(stubborn.ended()).toBe('SIGKILL')
  const frozen = await startProgram(shell('echo up; exec sleep 600'), {
    ready: ({ output }) => output().includes('up'),
    stopWith: 'SIGKILL',
  })
  frozen.signal('SIGSTOP')
  await frozen.stop()
  expect(frozen.ended()).toBe('SIGKILL')
})

test.each(['SIGTERM', 'SIGINT'] as const)(
  'does not outlive a run that is interrupted with %s',
  async (signal) => {
    const helper = new URL('program.ts', import.meta.url).href
    const script = `
    const { startProgram } = await import(${JSON.stringify(helper)})
    const ready = ({ output }) => output().includes('pid')
    const { output } = await startProgram(['sh', '-c', 'echo pid $$; exec sleep 600'], { ready })
    process.stdout.write(output())
    setInterval(() => {}, 1000)`
    const run = execa(process.execPath, ['--input-type=module', '-e', script], {
      reject: false,
      buffer: false,
    })
    let printed = ''
    run.stdout.on('data', (chunk: Buffer) => {
      printed += chunk
    })
    const pid = await until('the program of the run', () => pidIn(printed))
    expect(await runs(pid)).toBe(true)
    run.kill(signal)
    await run
    await gone(pid)
  },
)
