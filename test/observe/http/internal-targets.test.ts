import { createServer as createHttp, type RequestListener } from 'node:http'
import { createServer as createHttps } from 'node:https'
import { connect, createServer, type Server } from 'node:net'
import { createServer as createTls } from 'node:tls'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { HttpClient, HttpClientOptions } from '../../../src/observe/http/client.ts'
import { fetchToken } from '../../../src/observe/registry/token.ts'
import { formsOf, otherIpv6, specialIpv4, specialIpv6 } from '../../net/special-addresses.ts'
import { type Authority, createAuthority } from '../../support/certs.ts'
import { type Diverted, divertConnections } from '../../support/diverted-connections.ts'
import { suiteNeeds } from '../../support/need.ts'
import { answerLookups } from '../../support/real-names.ts'
import { get, seenIn, useServers, useWires, whyOf } from '../kit.ts'
import { httpProxy, type ProxyRequest, socksProxy } from './proxies.ts'

/*
 * A registry at a public address, and one whose address only a proxy knows, lead to every special range in every spelling: by a
 * redirect, as to a storage, and by a realm. Whatever is dialled ends on this machine (diverted-connections.ts), and proxies lead every
 * name to the server of the test.
 */

const serve = useServers()
const clientOf = useWires()
const publicAddress = '8.8.8.8'

/** A way to the registry. */
interface Path {
  name: string
  scheme: 'http' | 'https'
  /** Starts what is on the way to a server at a port, and gives the environment that names it. */
  open: (port: number, asked: ProxyRequest[]) => Promise<Record<string, string>>
}

let authority: Authority
let certificate: { key: string; cert: string }

const paths: Path[] = [
  { name: 'no proxy', scheme: 'http', open: async () => ({}) },
  { name: 'no proxy, with TLS', scheme: 'https', open: async () => ({}) },
  {
    name: 'an HTTP proxy',
    scheme: 'http',
    open: async (port, asked) => ({ HTTP_PROXY: `http://${(await serve(httpProxy({ port }, asked))).host}` }),
  },
  {
    name: 'CONNECT of an HTTP proxy',
    scheme: 'https',
    open: async (port, asked) => ({
      HTTPS_PROXY: `http://${(await serve(httpProxy({ port }, asked))).host}`,
    }),
  },
  {
    name: 'CONNECT of a proxy with TLS',
    scheme: 'https',
    open: async (port, asked) => {
      const { port: plain } = await serve(httpProxy({ port }, asked))
      const { port: secure } = await serve(tlsBefore(plain))
      return { HTTPS_PROXY: `https://proxy.test:${secure}` }
    },
  },
  {
    name: 'a SOCKS proxy',
    scheme: 'http',
    open: async (port, asked) => ({
      ALL_PROXY: `socks5://${(await serve(socksProxy({ port }, asked))).host}`,
    }),
  },
  {
    name: 'a SOCKS proxy, with TLS',
    scheme: 'https',
    open: async (port, asked) => ({
      ALL_PROXY: `socks5://${(await serve(socksProxy({ port }, asked))).host}`,
    }),
  },
]

/** Takes TLS off connections to a port of this machine. */
function tlsBefore(port: number): Server {
  return createTls({ ...certificate, ALPNProtocols: ['http/1.1'] }, (client) => {
    const onward = connect(port, '127.0.0.1', () => client.pipe(onward).pipe(client))
    for (const [one, other] of [
      [client, onward],
      [onward, client],
    ] as const)
      one.on('error', () => other.destroy())
  })
}

/** A registry that redirects to what its query says, and answers everything else; it notes the hosts that it is asked as. */
async function startServer(scheme: Path['scheme']) {
  const hosts: string[] = []
  const answer: RequestListener = ({ headers, url = '' }, response) => {
    hosts.push(headers.host ?? '')
    const location = new URL(url, 'http://x').searchParams.get('to')
    if (location === null) response.end('here')
    else response.writeHead(302, { location }).end()
  }
  const { port } = await serve(scheme === 'http' ? createHttp(answer) : createHttps(certificate, answer))
  return { port, hosts }
}

let diverted: Diverted
let port = 0
const names = new Map<string, string[][]>()
let forget: () => void
beforeEach(() => {
  diverted = divertConnections(() => port)
  names.clear()
  forget = answerLookups((name) => {
    const answers = names.get(name) ?? (name === 'proxy.test' ? [['127.0.0.1']] : [[publicAddress]])
    return answers.length > 1 ? answers.shift() : answers[0]
  })
})
afterEach(() => {
  diverted.restore()
  forget()
})

/** What a registry leads to on a path. */
async function open({ scheme, open: start }: Path, options: Partial<HttpClientOptions> = {}) {
  const server = await startServer(scheme)
  port = server.port
  const asked: ProxyRequest[] = []
  const env = await start(server.port, asked)
  const client = clientOf({ env, authorities: [authority.ca], ...options })
  const base = `${scheme}://registry.test/`
  return {
    ...{ client, asked, hosts: server.hosts, base },
    redirect: (to: string) => get(client, `${base}?to=${encodeURIComponent(to)}`),
  }
}

const tokenOf = (client: HttpClient, base: string, realm: string) =>
  fetchToken(client, {
    challenge: { scheme: 'bearer', parameters: { realm } },
    ...{ base: new URL(base), repository: 'app', credential: undefined, insecure: false },
    ...{ keepSecret: () => {}, now: Date.now },
  })

const inUrl = (address: string): string => (address.includes(':') ? `[${address}]` : address)

/** An IPv4 address as URLs may spell it. */
const spellings = (address: string): string[] => {
  const bytes = address.split('.').map(Number)
  const whole = bytes.reduce((sum, byte) => sum * 256 + byte, 0)
  return [
    ...[`${whole}`, `0x${whole.toString(16)}`, bytes.map((byte) => `0${byte.toString(8)}`).join('.')],
    ...[bytes.map((byte) => `0x${byte.toString(16)}`).join('.'), `${address}.`],
    `${bytes[0]}.${whole % 2 ** 24}`,
  ]
}

suiteNeeds(['openssl'])('a public registry', () => {
  beforeAll(async () => {
    authority = await createAuthority()
    certificate = await authority.issue({ names: ['registry.test', 'storage.test', 'proxy.test'] })
    return () => authority.remove()
  })

  describe.each(paths)('that is reached through $name', (path) => {
    const { scheme } = path

    test('may lead to a storage with a name, and gets there', async () => {
      const { redirect, hosts } = await open(path)
      expect(seenIn(await redirect(`${scheme}://storage.test/x`)).status).toBe(200)
      expect(hosts).toEqual(['registry.test', 'storage.test'])
    })

    test('may lead to a public address that is written out', async () => {
      const { redirect, hosts } = await open(path, { skipTlsVerify: () => true })
      expect(seenIn(await redirect(`${scheme}://1.1.1.1/x`)).status).toBe(200)
      expect(seenIn(await redirect(`${scheme}://[64:ff9b::101:101]/x`)).status).toBe(200)
      expect(hosts).toEqual(['registry.test', '1.1.1.1', 'registry.test', '[64:ff9b::101:101]'])
    })

    test('leads nobody to a special range, in whatever form: nothing is dialled, and no proxy is asked', async () => {
      const { client, redirect, asked, hosts, base } = await open(path)
      const whole = [...specialIpv4, ...specialIpv6, ...otherIpv6].flatMap(([, , ...addresses]) => addresses)
      const inside = specialIpv4.map(([, , , address]) => address)
      const targets = [
        ...new Set(
          [...whole, ...inside.flatMap((address) => formsOf(address).map(([, form]) => form))].map(inUrl),
        ),
        ...inside.flatMap(spellings),
        ...['localhost', 'LOCALHOST', 'localhost.', 'a.localhost', '127.1', '0', '[::FFFF:127.0.0.1]'],
      ]
      for (const target of targets) {
        const why = whyOf(await redirect(`${scheme}://${target}:${port}/x`))
        expect([target, why.kind, why.host]).toEqual([target, 'redirect-refused', 'registry.test'])
        const realm = whyOf(await tokenOf(client, base, `${scheme}://${target}:${port}/token`))
        expect([target, realm.kind]).toEqual([target, 'auth-challenge-invalid'])
      }
      expect(new Set(hosts)).toEqual(new Set(['registry.test']))
      for (const { line } of asked) expect(line).toMatch(/registry\.test/)
      const { hosts: known } = client.requestLog.fact()
      expect(known.map(({ host, roles }) => [host, roles])).toEqual([['registry.test', ['registry']]])
      expect(new Set(diverted.dialled).size).toBe(1)
    })

    test('leads to a private address where the setting allows it, and to no nearer one', async () => {
      const { redirect, hosts } = await open(path, { privateRedirects: true, skipTlsVerify: () => true })
      for (const target of ['10.0.0.5', '[fd00::5]', '[64:ff9b::a00:5]'])
        expect(seenIn(await redirect(`${scheme}://${target}/x`)).status).toBe(200)
      const reached = hosts.length
      for (const target of ['127.0.0.1', '169.254.169.254', '[::ffff:a9fe:a9fe]', '0.0.0.0', '240.0.0.1'])
        expect(whyOf(await redirect(`${scheme}://${target}/x`)).kind).toBe('redirect-refused')
      expect(hosts.slice(reached).every((host) => host === 'registry.test')).toBe(true)
    })
  })

  describe.each(paths.slice(0, 2))('that is reached through $name', (path) => {
    const { scheme } = path

    test.each(['127.0.0.1', '10.0.0.5', '169.254.169.254', '::ffff:169.254.169.254', '64:ff9b::7f00:1'])(
      'leads to no name at %s',
      async (address) => {
        const { client, redirect, base } = await open(path)
        names.set('storage.test', [[publicAddress, address]])
        expect(whyOf(await redirect(`${scheme}://storage.test/x`)).kind).toBe('redirect-refused')
        const realm = whyOf(await tokenOf(client, base, `${scheme}://storage.test/token`))
        expect(realm.kind).toBe('auth-challenge-invalid')
        expect(new Set(diverted.dialled).size).toBe(1)
      },
    )

    test.each(['127.0.0.1', '10.0.0.5', '169.254.169.254', '::ffff:169.254.169.254'])(
      'leads to no name that changes to %s between the check and the connection',
      async (address) => {
        const { client, redirect, base, hosts } = await open(path)
        names.set('storage.test', [[publicAddress], [address]])
        const why = whyOf(await redirect(`${scheme}://storage.test/x`))
        expect(why).toMatchObject({ kind: 'redirect-refused', host: 'storage.test', phase: 'dns' })
        names.set('token.test', [[publicAddress], [address]])
        const realm = whyOf(await tokenOf(client, base, `${scheme}://token.test/token`))
        expect(realm).toMatchObject({ kind: 'auth-challenge-invalid', host: 'registry.test' })
        expect(realm.detail).toContain('its address changed after it was checked')
        expect(hosts).toEqual(['registry.test'])
        expect(new Set(diverted.dialled).size).toBe(1)
      },
    )
  })
})

test('diverted connections leave this machine never', async () => {
  const sink = createServer((socket) => socket.end())
  const { port: at } = await serve(sink)
  port = at
  const client = clientOf({})
  await get(client, 'http://registry.test/')
  expect(diverted.dialled).toEqual([`${publicAddress} 80`])
})
