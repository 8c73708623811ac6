import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { Worker } from 'node:worker_threads'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RegistryOptions } from '../../src/fake-registry/registry.ts'
import { get, useRegistries, useServers, useWires, whyOf } from '../observe/kit.ts'
import { type Authority, createAuthority } from '../support/certs.ts'
import { suiteNeeds } from '../support/need.ts'
import { namesOfThisMachine } from '../support/real-names.ts'
import { verifyImages } from '../support/verify.ts'
import { pushImage, toldBy, verifyApp, wordsOf } from './told.ts'

const start = useRegistries()
const serve = useServers()
const clientOf = useWires()

suiteNeeds(['openssl'])('TLS', () => {
  let authority: Authority
  let forget: () => void
  beforeAll(async () => {
    forget = namesOfThisMachine()
    authority = await createAuthority()
  })
  afterAll(async () => {
    forget?.()
    await authority?.remove()
  })

  /** The report of a run against `registry.test`; the authority is known unless told. */
  async function look(options: Parameters<Authority['issue']>[0] | 'plain', known = true, settings = {}) {
    const tls = options === 'plain' ? {} : { tls: await authority.issue(options) }
    const registry = await start(tls satisfies RegistryOptions)
    pushImage(registry)
    const name = registry.host.replace('127.0.0.1', 'registry.test')
    return verifyImages([`${name}/app:1`], { settings, authorities: known ? [authority.ca] : [] })
  }

  test('with a certificate of nobody that is known is untrusted, and `ca_file` is the advice', async () => {
    const report = await look({ names: ['registry.test'] }, false)
    expect(toldBy(report)).toEqual([3, { 'tls-untrusted': 'error' }])
    expect(wordsOf(report, 'tls-untrusted')).toContain('regguard test CA')
    expect(report.causes[0]?.advice).toContain('ca_file')
  })

  test('with a certificate that is over is told as that', async () => {
    const report = await look({ names: ['registry.test'], expired: true })
    expect(toldBy(report)).toEqual([3, { 'tls-expired': 'error' }])
  })

  test('with a certificate for another name is told with both names', async () => {
    const report = await look({ names: ['elsewhere.test'] })
    expect(toldBy(report)).toEqual([3, { 'tls-name-mismatch': 'error' }])
    const words = wordsOf(report, 'tls-name-mismatch')
    for (const name of ['elsewhere.test', 'registry.test']) expect(words).toContain(name)
  })

  test('to a server of plain http is told as that, and `insecure` is the advice', async () => {
    const report = await look('plain')
    expect(toldBy(report)).toEqual([3, { 'tls-plain-http': 'error' }])
    expect(report.causes[0]?.advice).toContain('insecure')
  })
})

describe('a host that gives no answer', () => {
  test('because no resolver knows its name is told by the name', async () => {
    const report = await verifyImages(['registry.invalid/app:1'])
    expect(toldBy(report)).toEqual([3, { 'name-not-resolved': 'error' }])
    expect(wordsOf(report, 'name-not-resolved')).toContain('registry.invalid')
  })

  test('because nothing listens is told by address and port', async () => {
    const gone = await serve(createServer())
    await gone.close()
    const report = await verifyImages([`${gone.host}/app:1`])
    expect(toldBy(report)).toEqual([3, { 'connection-refused': 'error' }])
    expect(wordsOf(report, 'connection-refused')).toContain(`127.0.0.1 port ${gone.port}`)
  })

  test.each([
    ['before its headers', { reset: 'before-headers' as const }],
    ['in the middle of its headers and body', { reset: 'after-headers' as const }],
  ])('because the connection is reset %s is the road, not the image', async (_, fault) => {
    const registry = await start()
    pushImage(registry)
    registry.faults.add({}, fault)
    const report = await verifyApp(registry)
    expect(report.exitCode).toBe(3)
    expect(report.causes[0]).toMatchObject({ id: 'connection-cut', group: 'path', severity: 'error' })
    expect(report.groups.find(({ group }) => group === 'image')?.status).toBe('unknown')
  })

  test('because it takes no connection is told with the time that was waited', async () => {
    const deaf = await startDeaf()
    try {
      const why = whyOf(await get(clientOf({ limits: { connectMs: 400 } }), `http://127.0.0.1:${deaf.port}/`))
      expect(why).toMatchObject({ kind: 'connection-timeout', phase: 'connect' })
      expect(why.detail).toContain('0.4 s')
    } finally {
      await deaf.stop()
    }
  })
})

/** Listens and takes no connection: once its short queue is full, the system drops the rest. */
async function startDeaf(): Promise<{ port: number; stop: () => Promise<void> }> {
  const worker = new Worker(
    `const { parentPort } = require('node:worker_threads')
    const server = require('node:net').createServer()
    server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
      parentPort.postMessage(server.address().port)
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
    })`,
    { eval: true },
  )
  const [port] = (await once(worker, 'message')) as [number]
  const queued = Array.from({ length: 4 }, () => connect(port, '127.0.0.1').on('error', () => {}))
  await once(queued[0] ?? worker, 'connect')
  return {
    port,
    stop: async () => {
      for (const socket of queued) socket.destroy()
      await worker.terminate()
    },
  }
}
