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
import { outcomeOf, pushImage, textOf, verifyApp } from './fixtures.ts'

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

  /** Verifies an image of `registry.test`, whose authority is trusted unless `trusted` is false. */
  async function verifyWith(
    options: Parameters<Authority['issue']>[0] | 'plain',
    trusted = true,
    settings = {},
  ) {
    const tls = options === 'plain' ? {} : { tls: await authority.issue(options) }
    const registry = await start(tls satisfies RegistryOptions)
    pushImage(registry)
    const name = registry.host.replace('127.0.0.1', 'registry.test')
    return verifyImages([`${name}/app:1`], { settings, authorities: trusted ? [authority.ca] : [] })
  }

  test('with a certificate of an unknown CA is tls-untrusted, with `ca_file` as advice', async () => {
    const report = await verifyWith({ names: ['registry.test'] }, false)
    expect(outcomeOf(report)).toEqual([3, { 'tls-untrusted': 'error' }])
    expect(textOf(report, 'tls-untrusted')).toContain('regguard test CA')
    expect(report.causes[0]?.advice).toContain('ca_file')
  })

  test('with an expired certificate is tls-expired', async () => {
    const report = await verifyWith({ names: ['registry.test'], expired: true })
    expect(outcomeOf(report)).toEqual([3, { 'tls-expired': 'error' }])
  })

  test('with a certificate for another name is tls-name-mismatch, with both names', async () => {
    const report = await verifyWith({ names: ['elsewhere.test'] })
    expect(outcomeOf(report)).toEqual([3, { 'tls-name-mismatch': 'error' }])
    const text = textOf(report, 'tls-name-mismatch')
    for (const name of ['elsewhere.test', 'registry.test']) expect(text).toContain(name)
  })

  test('to a plain HTTP server is tls-plain-http, with `insecure` as advice', async () => {
    const report = await verifyWith('plain')
    expect(outcomeOf(report)).toEqual([3, { 'tls-plain-http': 'error' }])
    expect(report.causes[0]?.advice).toContain('insecure')
  })
})

describe('a host that does not respond', () => {
  test('because its name is unknown is name-not-resolved', async () => {
    const report = await verifyImages(['registry.invalid/app:1'])
    expect(outcomeOf(report)).toEqual([3, { 'name-not-resolved': 'error' }])
    expect(textOf(report, 'name-not-resolved')).toContain('registry.invalid')
  })

  test('because nothing listens is connection-refused, with address and port', async () => {
    const gone = await serve(createServer())
    await gone.close()
    const report = await verifyImages([`${gone.host}/app:1`])
    expect(outcomeOf(report)).toEqual([3, { 'connection-refused': 'error' }])
    expect(textOf(report, 'connection-refused')).toContain(`connection to 127.0.0.1:${gone.port} refused`)
  })

  test.each([
    ['before its headers', { reset: 'before-headers' as const }],
    ['in the middle of its headers and body', { reset: 'after-headers' as const }],
  ])('because the connection is reset %s is connection-cut, and the image is unknown', async (_, fault) => {
    const registry = await start()
    pushImage(registry)
    registry.faults.add({}, fault)
    const report = await verifyApp(registry)
    expect(report.exitCode).toBe(3)
    expect(report.causes[0]).toMatchObject({ id: 'connection-cut', group: 'path', severity: 'error' })
    expect(report.groups.find(({ group }) => group === 'image')?.status).toBe('unknown')
  })

  test('because it accepts no connection is connection-timeout, with the limit', async () => {
    const server = await startUnresponsive()
    try {
      const why = whyOf(
        await get(clientOf({ limits: { connectMs: 400 } }), `http://127.0.0.1:${server.port}/`),
      )
      expect(why).toMatchObject({ kind: 'connection-timeout', phase: 'connect' })
      expect(why.detail).toBe(`connection to 127.0.0.1:${server.port} timed out after 0.4 s`)
    } finally {
      await server.stop()
    }
  })
})

/** Listens without accepting connections: once its short queue is full, the kernel drops the rest. */
async function startUnresponsive(): Promise<{ port: number; stop: () => Promise<void> }> {
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
