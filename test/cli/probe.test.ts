import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { type Report, reportSchema } from '../../src/report/schema.ts'
import { mainFile } from '../support/main-program.ts'
import { type Program, startProgram } from '../support/program.ts'
import { runCli } from '../support/run-cli.ts'
import { until } from '../support/until.ts'

let probe: Program | undefined
let registry: Server | undefined
afterEach(async () => {
  await probe?.stop()
  registry?.close()
})

const password = 'tok-en-s3cr3t-0123'

async function started(args: string[]) {
  registry = createServer((_, response) => void response.writeHead(200).end('{}'))
  await new Promise<void>((done) => registry?.listen(0, '127.0.0.1', done))
  const { port } = registry.address() as AddressInfo
  const url = `http://127.0.0.1:${port}/v2/?sig=${password}`
  const command = [process.execPath, mainFile, 'probe', url, '--listen', '127.0.0.1:0', ...args]
  const program = await startProgram(command, {
    name: 'the probe',
    env: { PATH: process.env.PATH ?? '' },
    ready: ({ output }) => output().includes('report at http://'),
  })
  probe = program
  const [, at = ''] = /report at (http:\S+)/.exec(program.output()) ?? []
  const report = async (): Promise<Report | undefined> => {
    const answer = await fetch(at)
    return answer.ok ? reportSchema.parse(await answer.json()) : undefined
  }
  return { program, report, at, port }
}

test('probes again and again, and serves what it saw last, without what is secret', async () => {
  const { program, report, at, port } = await started(['--interval', '1s', '--vantage', 'node-1'])
  const first = await until('the first report', report)
  expect([first.vantage, first.exitCode, first.legs?.[0]?.addresses[0]?.address]).toEqual([
    'node-1',
    0,
    '127.0.0.1',
  ])
  expect(first.machine?.resolvers).toBeInstanceOf(Array)
  registry?.close()
  registry?.closeAllConnections()
  const later = await until('a report of the failure', async () => {
    const found = await report()
    return found?.exitCode === 1 ? found : undefined
  })
  expect(later.causes.map(({ id }) => id)).toEqual(['endpoint-failing'])
  const text = await (await fetch(at.replace(/report$/, ''))).text()
  expect(text).toContain(`✗ endpoint  http://127.0.0.1:${port}/v2/`)
  // A change is printed once, and a probe that goes on as before prints nothing.
  await until('the log of it', () => program.output().includes('endpoint-failing'))
  expect(JSON.stringify(later) + text + program.output()).not.toContain(password)
  program.signal('SIGTERM')
  expect(await until('its end', () => program.ended())).toBe(143)
})

test('an address that it cannot listen at is told, with the setting', async () => {
  const { at } = await started(['--interval', '1h'])
  const { exitCode, all } = await runCli(['probe', 'http://127.0.0.1:9/', '--listen', new URL(at).host], {
    env: { PLUGIN_CHECKS: '' },
  })
  expect(exitCode).toBe(2)
  expect(all).toMatch(/listen.* cannot be opened: .*EADDRINUSE/)
})
