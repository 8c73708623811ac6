import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import type { Area } from '../../src/core/observed.ts'
import type { MtuMeasurement } from '../../src/facts/path/mtu.ts'
import { makeNetworkNamespace, type NetworkNamespace } from './network-namespace.ts'
import { type Program, startProgram } from './program.ts'

/**
 * Four namespaces in a row: client, host, router, server. The link between host and router has the MTU under test, all others 1500.
 * The host translates addresses, as Docker's does.
 */
export interface MtuLab {
  client: NetworkNamespace
  /** Measures the path MTU from the client to the server, over IPv4 or IPv6. */
  measure(version: 4 | 6): Promise<Area<MtuMeasurement>>
  remove(): Promise<void>
}

/** The server's addresses. */
const serverAddress = { 4: '10.9.2.2', 6: 'fd09:2::2' }

const links: [left: string, leftName: string, right: string, rightName: string, net: string][] = [
  ['client', 'eth0', 'host', 'br0', '0'],
  ['host', 'up0', 'router', 'dn0', '1'],
  ['router', 'out0', 'server', 'eth0', '2'],
]

/** The MTU of the middle link, and the directions in which “fragmentation needed” and “packet too big” are lost. */
export interface MtuFault {
  mtu: number
  inbound?: boolean
  outbound?: boolean
}

/**
 * Builds the namespaces. Needs root. A lab is for one measurement: a kernel keeps an MTU that it has learned for 10 minutes, and repeats
 * the packets of ended connections for a minute.
 */
export async function buildMtuLab({ mtu, inbound = false, outbound = false }: MtuFault): Promise<MtuLab> {
  const made = await Promise.all(Array.from({ length: 4 }, makeNetworkNamespace))
  const [client, host, router, server] = made as [
    NetworkNamespace,
    NetworkNamespace,
    NetworkNamespace,
    NetworkNamespace,
  ]
  const byName: Record<string, NetworkNamespace> = { client, host, router, server }
  const spaceOf = (name: string): NetworkNamespace => byName[name] ?? client
  const ip = (name: string, ...args: string[]) => execa('ip', ['-n', spaceOf(name).name, ...args])
  for (const [left, leftName, right, rightName, net] of links) {
    await ip(
      left,
      ...['link', 'add', leftName, 'type', 'veth', 'peer', rightName, 'netns', spaceOf(right).name],
    )
    for (const [name, device, at] of [
      [left, leftName, '1'],
      [right, rightName, '2'],
    ] as const) {
      await ip(name, 'addr', 'add', `10.9.${net}.${at}/24`, 'dev', device)
      await ip(name, 'addr', 'add', `fd09:${net}::${at}/64`, 'dev', device, 'nodad')
      await ip(name, 'link', 'set', device, 'up')
    }
  }
  for (const name of ['host', 'router']) {
    await spaceOf(name).run('sysctl', ['-qw', 'net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1'])
  }
  const routes: [name: string, v4: string, v6: string][] = [
    ['client', '10.9.0.2', 'fd09:0::2'],
    ['host', '10.9.1.2', 'fd09:1::2'],
    ['router', '10.9.1.1', 'fd09:1::1'],
    ['server', '10.9.2.1', 'fd09:2::1'],
  ]
  for (const [name, v4, v6] of routes) {
    await ip(name, 'route', 'add', 'default', 'via', v4)
    await ip(name, '-6', 'route', 'add', 'default', 'via', v6)
  }
  await nft(
    host,
    `table inet nat {
       chain post {
         type nat hook postrouting priority 100
         oifname "up0" masquerade
       }
     }`,
  )
  await ip('host', 'link', 'set', 'up0', 'mtu', String(mtu))
  await ip('router', 'link', 'set', 'dn0', 'mtu', String(mtu))
  if (inbound) await dropIcmp(router)
  if (outbound) await dropIcmp(host)
  const tls = await startTlsServer(server)
  return {
    client,
    async measure(version) {
      const args = [measureScript, '443', serverAddress[version]]
      return JSON.parse(await client.run(process.execPath, args))
    },
    remove: async () => {
      await tls.stop()
      for (const one of made) await one.remove()
    },
  }
}

const measureScript = fileURLToPath(new URL('measure-mtu.ts', import.meta.url))

const serverProgram = `
const { readFileSync } = require('node:fs')
const { createServer } = require('node:tls')
const [directory] = process.argv.slice(1)
const read = (name) => readFileSync(directory + '/' + name)
createServer({ key: read('key.pem'), cert: read('chain.pem') }, (socket) => socket.end())
  .on('tlsClientError', () => {})
  .listen({ port: 443, host: '::' }, () => console.log('listening'))
`

/** A TLS server whose part of the handshake needs several packets: a chain of four certificates. */
async function startTlsServer({ path }: NetworkNamespace): Promise<Program> {
  const directory = await mkdtemp(join(tmpdir(), 'regguard-mtu-'))
  const file = (name: string) => join(directory, name)
  await execa('openssl', [
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=registry.test', '-days', '2'],
    ...['-keyout', file('key.pem'), '-out', file('cert.pem')],
  ])
  await writeFile(file('chain.pem'), (await readFile(file('cert.pem'), 'utf8')).repeat(4))
  return startProgram(['nsenter', `--net=${path}`, process.execPath, '-e', serverProgram, directory], {
    name: 'the TLS server',
    ready: ({ output }) => output().includes('listening'),
    clear: () => rm(directory, { recursive: true }),
  })
}

const dropIcmp = (space: NetworkNamespace): Promise<void> =>
  nft(
    space,
    `table inet lost {
       chain out {
         type filter hook output priority 0
         icmp type destination-unreachable icmp code frag-needed drop
         icmpv6 type packet-too-big drop
       }
     }`,
  )

async function nft({ path }: NetworkNamespace, ruleset: string): Promise<void> {
  await execa('nsenter', [`--net=${path}`, 'nft', '-f', '-'], { input: ruleset })
}
