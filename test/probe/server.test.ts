import type { Server } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { listen } from '../../src/observe/watch/listen.ts'
import { createProbeServer } from '../../src/probe/server.ts'
import { type Report, reportSchema } from '../../src/report/schema.ts'
import { reportOf } from '../report/reports.ts'

let server: Server | undefined
afterEach(() => void server?.close())

async function started(last: () => Report | undefined) {
  server = createProbeServer(last)
  const opened = await listen(server, { host: '127.0.0.1', port: 0 })
  if (!opened.ok) throw new Error(opened.why)
  return (path: string, init: RequestInit = {}) => fetch(`http://${opened.address}${path}`, init)
}

test('before the first run has ended there is no report, and it is alive', async () => {
  const get = await started(() => undefined)
  const status = async (path: string) => (await get(path)).status
  expect([await status('/'), await status('/report'), await status('/readyz')]).toEqual([503, 503, 503])
  expect([await status('/healthz'), await status('/-/healthy')]).toEqual([200, 200])
})

test('the report is JSON that compare and replay read, and text for people without colours', async () => {
  const report = reportOf(() => {}, { given: { endpoints: 'ghcr.io', checks: 'path' } })
  const get = await started(() => report)
  const answer = await get('/report?x=1')
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/json'])
  expect(reportSchema.parse(await answer.json())).toEqual(report)
  const text = await (await get('/')).text()
  expect(text).toMatch(/^regguard .*\n/)
  expect(text).toMatch(/ exit \d\n$/)
  expect(text).not.toContain('\u001b')
  expect((await get('/readyz')).status).toBe(200)
})

test('a report of failures is served as any other', async () => {
  const report: Report = { ...reportOf(), exitCode: 1 }
  const get = await started(() => report)
  expect([(await get('/report')).status, (await get('/-/ready')).status]).toEqual([200, 200])
})

test('nothing else is served, and nothing is taken', async () => {
  const get = await started(() => reportOf())
  for (const path of ['/metrics', '/events', '/__proto__', '/report/x', '//report'])
    expect((await get(path)).status, path).toBe(404)
  for (const method of ['POST', 'PUT', 'DELETE']) expect((await get('/report', { method })).status).toBe(405)
  expect((await get('/report', { method: 'HEAD' })).status).toBe(200)
})
