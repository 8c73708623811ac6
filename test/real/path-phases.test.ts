import { createServer as createHttpServer } from 'node:http'
import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Failure } from '../../src/core/failure.ts'
import { type Authority, createAuthority } from '../support/certs.ts'
import { suiteNeeds } from '../support/need.ts'
import { type LabRun, labAddresses, makePathLab, type PathLab } from '../support/path-lab.ts'

type Row = Pick<Failure, 'kind' | 'phase' | 'sign'>

/** Ports of the server that a rule of nft answers for. */
const verdicts: Record<string, [port: number, verdict: string]> = {
  'reject with tcp reset': [3002, 'reject with tcp reset'],
  'reject with ICMP port-unreachable': [3003, 'reject with icmpx port-unreachable'],
  'reject with ICMP admin-prohibited': [3004, 'reject with icmpx admin-prohibited'],
  'reject with ICMP host-unreachable': [3005, 'reject with icmpx host-unreachable'],
  'reject with ICMP no-route': [3006, 'reject with icmpx no-route'],
  drop: [3007, 'drop'],
}

/** What the server does with connections, by port. */
const behaviours: Record<number, (socket: Socket) => void> = {
  4001: (socket) => socket.resume(),
  4002: (socket) => socket.once('data', () => socket.end()),
  4003: (socket) => socket.once('data', () => socket.resetAndDestroy()),
}

const { server, server6 } = labAddresses
const at = (port: number) => `https://${server}:${port}`

/** Every fault with its URL, and what tells it apart. The phases are those of our own timers. */
const rows: Record<string, [url: string, expected: Row]> = {
  'no listener': [at(3001), { kind: 'connection-refused', phase: 'connect', sign: 'reset' }],
  'no listener, IPv6': [
    `https://[${server6}]:3001`,
    { kind: 'connection-refused', phase: 'connect', sign: 'reset' },
  ],
  'reject with tcp reset': [at(3002), { kind: 'connection-refused', phase: 'connect', sign: 'reset' }],
  'reject with ICMP port-unreachable': [
    at(3003),
    { kind: 'connection-refused', phase: 'connect', sign: 'icmp' },
  ],
  'reject with ICMP port-unreachable, IPv6': [
    `https://[${server6}]:3003`,
    { kind: 'connection-refused', phase: 'connect', sign: 'icmp' },
  ],
  'reject with ICMP admin-prohibited': [
    at(3004),
    { kind: 'host-unreachable', phase: 'connect', sign: 'icmp' },
  ],
  'reject with ICMP host-unreachable': [
    at(3005),
    { kind: 'host-unreachable', phase: 'connect', sign: 'icmp' },
  ],
  'reject with ICMP no-route': [at(3006), { kind: 'host-unreachable', phase: 'connect', sign: 'icmp' }],
  drop: [at(3007), { kind: 'connection-timeout', phase: 'connect' }],
  'unreachable route of a router': [
    'https://203.0.114.1',
    { kind: 'host-unreachable', phase: 'connect', sign: 'icmp' },
  ],
  'prohibit route of a router': [
    'https://203.0.114.2',
    { kind: 'host-unreachable', phase: 'connect', sign: 'icmp' },
  ],
  'blackhole route of a router': ['https://203.0.114.3', { kind: 'connection-timeout', phase: 'connect' }],
  'unreachable route of this machine': [
    'https://203.0.115.1',
    { kind: 'host-unreachable', phase: 'connect', sign: 'no-route' },
  ],
  'prohibit route of this machine': [
    'https://203.0.115.2',
    { kind: 'host-unreachable', phase: 'connect', sign: 'no-route' },
  ],
  'blackhole route of this machine': [
    'https://203.0.115.3',
    { kind: 'host-unreachable', phase: 'connect', sign: 'no-route' },
  ],
  'dead neighbour': [
    'https://10.77.0.99',
    { kind: 'host-unreachable', phase: 'connect', sign: 'no-neighbour' },
  ],
  'dead neighbour of a router': [
    'https://203.0.113.99',
    { kind: 'host-unreachable', phase: 'connect', sign: 'no-neighbour' },
  ],
  'dead neighbour, IPv6': [
    'https://[2001:db8:1::99]',
    { kind: 'host-unreachable', phase: 'connect', sign: 'no-neighbour' },
  ],
  'accepts, silent': [at(4001), { kind: 'tls-timeout', phase: 'tls' }],
  'closes after the ClientHello': [at(4002), { kind: 'tls-failed', phase: 'tls', sign: 'close' }],
  'resets after the ClientHello': [at(4003), { kind: 'tls-failed', phase: 'tls', sign: 'reset' }],
  'plain HTTP on the TLS port': [at(4004), { kind: 'tls-plain-http', phase: 'tls' }],
  'accepts plain, silent': [`http://${server}:4001`, { kind: 'answer-timeout', phase: 'headers' }],
  'accepts plain, closes': [
    `http://${server}:4002`,
    { kind: 'connection-cut', phase: 'headers', sign: 'close' },
  ],
  'accepts plain, resets': [
    `http://${server}:4003`,
    { kind: 'connection-cut', phase: 'headers', sign: 'reset' },
  ],
  'isolated resolver': ['https://nowhere.lab.test', { kind: 'name-not-resolved', phase: 'dns' }],
  'expired certificate': ['https://expired.lab.test:5001', { kind: 'tls-expired', phase: 'tls' }],
  'self-signed certificate': ['https://self.lab.test:5002', { kind: 'tls-untrusted', phase: 'tls' }],
  'certificate for another name': [
    'https://wrong.lab.test:5003',
    { kind: 'tls-name-mismatch', phase: 'tls' },
  ],
}

const names = ['expired.lab.test', 'self.lab.test', 'wrong.lab.test']

suiteNeeds(['ip', 'nft', 'nsenter', 'unshare', 'openssl'])('every fault of the network path', () => {
  let lab: PathLab
  let authority: Authority
  const servers: Server[] = []

  beforeAll(async () => {
    lab = await makePathLab()
    authority = await createAuthority()
    await lab.server.fault(
      'input',
      Object.values(verdicts)
        .map(([port, verdict]) => `tcp dport ${port} ${verdict}`)
        .join('\n'),
    )
    await lab.router.ip('route add blackhole 203.0.114.4')
    for (const [at, kind] of ['unreachable', 'prohibit', 'blackhole'].entries()) {
      await lab.router.ip(`route add ${kind} 203.0.114.${at + 1}`)
      await lab.client.ip(`route add ${kind} 203.0.115.${at + 1}`)
    }
    const serve = async (port: number, one: Server) => {
      servers.push(one.listen(await lab.server.listen(server, port)))
    }
    for (const [port, behaviour] of Object.entries(behaviours))
      await serve(
        Number(port),
        createServer((socket) => behaviour(socket.on('error', () => {}))),
      )
    await serve(
      4004,
      createHttpServer((_, response) => void response.end('plain')),
    )
    const certificates = [
      { names: ['expired.lab.test'], expired: true },
      { names: ['self.lab.test'], selfSigned: true },
      { names: ['elsewhere.lab.test'] },
    ]
    for (const [at, options] of certificates.entries()) {
      const { key, cert } = await authority.issue(options)
      await serve(5001 + at, createTlsServer({ key, cert }))
    }
  })
  afterAll(async () => {
    for (const one of servers) one.close()
    await lab?.remove()
    await authority?.remove()
  })

  const run = (images: string[], env: Record<string, string>): Promise<LabRun> =>
    lab.run(images, {
      // A server that loses every packet: an isolated resolver.
      resolvConf: 'nameserver 203.0.114.4\n',
      hosts: Object.fromEntries(names.map((name) => [name, server])),
      timeoutMs: 150_000,
      env: { PLUGIN_CA_FILE: authority.caFile, ...env },
    })

  test('is named by kind, phase, sign, address and port, by a probe', { timeout: 160_000 }, async () => {
    const urls = Object.values(rows).map(([url]) => url)
    const { report } = await run([], { PLUGIN_CHECKS: 'path', PLUGIN_ENDPOINTS: urls.join(',') })
    const found = Object.entries(rows).map(([name, [url]]) => {
      const leg = report?.legs?.find(({ of }) => of === url)
      const why = leg?.lookups[0]?.failure ?? leg?.addresses[0]?.attempts[0]?.failure
      return [name, why]
    })
    const expected = Object.entries(rows).map(([name, [url, row]]) => {
      const { hostname, port, protocol } = new URL(url)
      const place = {
        port: Number(port) || (protocol === 'https:' ? 443 : 80),
        addresses: [names.includes(hostname) ? server : hostname.replace(/[[\]]/g, '')],
      }
      return [name, { ...row, ...(row.phase === 'dns' ? {} : place) }]
    })
    expect(Object.fromEntries(found)).toMatchObject(Object.fromEntries(expected))
    const unsigned = found.filter(([name]) => rows[`${name}`]?.[1].sign === undefined)
    expect(unsigned.map(([, why]) => (why as Failure).sign)).toEqual(unsigned.map(() => undefined))
    // The number: how long the phase took that ran out.
    expect(found.filter(([, why]) => (why as Failure).ms === undefined)).toEqual([])
  })

  test('is a cause of its own where an image is pulled over it', { timeout: 160_000 }, async () => {
    // Without those that wait for a response, which take a minute.
    const tried = Object.entries(rows).filter(
      ([, [url, { kind }]]) => !url.startsWith('http:') && kind !== 'answer-timeout',
    )
    const images = tried.map(([, [url]]) => `${new URL(url).host}/app:1`)
    const { report } = await run(images, {})
    const titles = tried.map(([name, [url]]) => {
      const { host } = new URL(url)
      const cause = report?.causes.find(({ findings }) => findings.some(({ subject }) => subject === host))
      return [name, `${cause?.id} ${cause?.title.split(':')[0]}`]
    })
    const refused = 'connection-refused Connection refused'
    const rejected = 'connection-refused Connection rejected'
    const unreachable = 'host-unreachable Host unreachable'
    const noRoute = 'host-unreachable No route'
    const down = 'host-unreachable Host down'
    const timeout = 'connection-timeout Connection timeout'
    expect(Object.fromEntries(titles)).toEqual({
      'no listener': refused,
      'no listener, IPv6': refused,
      'reject with tcp reset': refused,
      'reject with ICMP port-unreachable': rejected,
      'reject with ICMP port-unreachable, IPv6': rejected,
      'reject with ICMP admin-prohibited': unreachable,
      'reject with ICMP host-unreachable': unreachable,
      'reject with ICMP no-route': unreachable,
      drop: timeout,
      'unreachable route of a router': unreachable,
      'prohibit route of a router': unreachable,
      'blackhole route of a router': timeout,
      'unreachable route of this machine': noRoute,
      'prohibit route of this machine': noRoute,
      'blackhole route of this machine': noRoute,
      'dead neighbour': down,
      'dead neighbour of a router': down,
      'dead neighbour, IPv6': down,
      'accepts, silent': 'tls-timeout TLS handshake timed out',
      'closes after the ClientHello': 'tls-failed TLS handshake failed',
      'resets after the ClientHello': 'tls-failed TLS handshake failed',
      'plain HTTP on the TLS port': 'tls-plain-http Plain HTTP instead of TLS',
      'isolated resolver': 'resolver-dead Dead DNS server',
      'expired certificate': 'tls-expired Certificate expired or not yet valid.',
      'self-signed certificate': 'tls-untrusted Untrusted certificate',
      'certificate for another name': 'tls-name-mismatch Certificate name mismatch',
    })
  })
})
