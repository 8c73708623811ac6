import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer as createHttpServer, type Server as HttpServer, type RequestListener } from 'node:http'
import { createServer, type Server as HttpsServer } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import type { Area } from '../../src/core/observed.ts'
import type { MtuMeasurement } from '../../src/facts/path/mtu.ts'
import { labAddresses, makePathLab, type PathLab } from './path-lab.ts'

/** The MTU of the link between NAT host and router, and the directions in which “fragmentation needed” and “packet too big” are lost. */
export interface MtuFault {
  mtu: number
  inbound?: boolean
  outbound?: boolean
}

/** A lab with such a link, and a server: TLS, whose part of the handshake needs several packets, and plain HTTP. */
export type MtuLab = PathLab & {
  /** Measures the path MTU from the client to the server, over IPv4 or IPv6, by default with TLS. */
  measure(version: 4 | 6, url?: string): Promise<Area<MtuMeasurement>>
  /** The certificate of the server, for `registry.test`. */
  caFile: string
}

const lostIcmp = `icmp type destination-unreachable icmp code frag-needed drop
  icmpv6 type packet-too-big drop`

const measureScript = fileURLToPath(new URL('measure-mtu.ts', import.meta.url))

/**
 * Makes the lab. It is for one measurement: a kernel keeps an MTU that it has learned for 10 minutes, and repeats the packets of ended
 * connections for a minute.
 */
export async function makeMtuLab(
  { mtu, inbound = false, outbound = false }: MtuFault,
  answer: RequestListener = (_, response) => response.end(),
): Promise<MtuLab> {
  const { directory, key, cert } = await makeCertificate()
  const lab = await makePathLab()
  const servers: (HttpServer | HttpsServer)[] = []
  const remove = async () => {
    for (const one of servers) {
      one.closeAllConnections()
      one.close()
    }
    await rm(directory, { recursive: true })
    await lab.remove()
  }
  try {
    const { client, nat, router, server } = lab
    for (const host of [nat, router]) await host.ip(`link set wan0 mtu ${mtu}`)
    if (inbound) await router.fault('output', lostIcmp)
    if (outbound) await nat.fault('output', lostIcmp)
    const tls = createServer({ key, cert: cert.repeat(4) }, answer).on('tlsClientError', () => {})
    servers.push(tls.listen(await server.listen('::', 443)))
    servers.push(createHttpServer(answer).listen(await server.listen('::', 80)))
    return {
      ...{ ...lab, remove },
      caFile: join(directory, 'cert.pem'),
      measure: async (version, url = 'https://registry.test/') => {
        const address = version === 4 ? labAddresses.server : labAddresses.server6
        return JSON.parse(await client.run(process.execPath, [measureScript, url, address]))
      },
    }
  } catch (error) {
    await remove()
    throw error
  }
}

/** A self-signed certificate; sent four times, it is a chain of 3 kB. */
async function makeCertificate(): Promise<{ directory: string; key: string; cert: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'regguard-mtu-'))
  await execa(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=registry.test'],
      ...['-addext', 'subjectAltName=DNS:registry.test', '-keyout', 'key.pem', '-out', 'cert.pem'],
    ],
    { cwd: directory },
  )
  const read = (name: string) => readFile(join(directory, name), 'utf8')
  return { directory, key: await read('key.pem'), cert: await read('cert.pem') }
}
