import { createSecureServer } from 'node:http2'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { multiPlatform } from '../../../src/fake-registry/images/images.ts'
import { readBody } from '../../../src/observe/http/body.ts'
import { type Authority, createAuthority } from '../../support/certs.ts'
import { suiteNeeds } from '../../support/need.ts'
import { startNginx } from '../../support/nginx.ts'
import { namesOfThisMachine } from '../../support/real-names.ts'
import { causeIds, noteIds, verifyImages } from '../../support/verify.ts'
import { get, seenIn, useRegistries, useServers, useWires, whyOf } from '../kit.ts'

const start = useRegistries()
const listen = useServers()
const clientOf = useWires()

suiteNeeds(['openssl', 'nginx'])('a server that closes HTTP/2 connections with GOAWAY', () => {
  let authority: Authority
  let forget: () => void
  beforeAll(async () => {
    authority = await createAuthority()
    forget = namesOfThisMachine()
  })
  afterAll(async () => {
    forget()
    await authority.remove()
  })

  test.each([1, 2, 5, 20])(
    'after %i requests each, as nginx does, gets the rest on new connections without a retry',
    async (max) => {
      const registry = await start()
      const platforms = ['linux/amd64', 'linux/arm64', 'linux/s390x']
      registry.store.push('app', multiPlatform({ platforms, layersPer: 12 }).contents, '1')
      const certificate = await authority.issue({ names: ['registry.test'] })
      const nginx = await startNginx(
        { front: `keepalive_requests ${max}; location / { proxy_pass http://${registry.host}; }` },
        { tls: { front: { ...certificate, http2: true } } },
      )
      try {
        const host = nginx.hosts.front.replace('127.0.0.1', 'registry.test')
        const report = await verifyImages([`${host}/app:1`], { authorities: [authority.ca] })
        expect([report.exitCode, causeIds(report), noteIds(report)]).toEqual([0, ['cert-expiring'], []])
        expect(report.hosts[0]).toMatchObject({ http2: true, retried: 0 })
      } finally {
        await nginx.stop()
      }
    },
  )

  test('during many requests gets those again that it did not process', async () => {
    const { key, cert } = await authority.issue()
    let streams = 0
    const server = createSecureServer({ key, cert }).on('stream', (stream) => {
      stream.on('error', () => {})
      streams += 1
      if (streams % 10 === 0) stream.session?.close()
      setTimeout(() => {
        if (stream.destroyed) return
        stream.respond({ ':status': 200 })
        stream.end('hello')
      }, 20)
    })
    const { host } = await listen(server)
    const client = clientOf({ authorities: [authority.ca] })
    const responses = await Promise.all(Array.from({ length: 64 }, () => get(client, `https://${host}/`)))
    for (const response of responses) expect((await readBody(seenIn(response), 100)).end).toBe('whole')
  })

  test('before every response is reported as a cut connection', async () => {
    const { key, cert } = await authority.issue()
    const server = createSecureServer({ key, cert })
      .on('session', (session) => session.goaway(0, 0))
      .on('stream', (stream) => stream.on('error', () => {}))
    const { host, connections } = await listen(server)
    const client = clientOf({ authorities: [authority.ca] })
    expect(whyOf(await get(client, `https://${host}/`))).toMatchObject({ kind: 'connection-cut' })
    expect(connections()).toBeLessThan(40)
  })
})
