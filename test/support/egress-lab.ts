import { createServer, type Server } from 'node:https'
import { type Authority, createAuthority } from './certs.ts'
import { type LabRun, makePathLab, type PathLab } from './path-lab.ts'

/** The programs that it needs. */
export const egressLabPrograms = ['ip', 'nft', 'nsenter', 'unshare', 'openssl']

/** The hosts of `endpoints: registries`, at addresses of the lab. */
export const publicRegistries = {
  'ghcr.io': '203.0.113.21',
  'auth.docker.io': '203.0.113.22',
  'registry-1.docker.io': '203.0.113.23',
  'quay.io': '203.0.113.24',
  'registry.k8s.io': '203.0.113.25',
  'gcr.io': '203.0.113.26',
}

/** A lab in which the client's hosts file leads the names of public registries to servers of the lab. */
export type EgressLab = PathLab & {
  /** Probes all of them, `repeat` times. */
  probe(repeat: number): Promise<LabRun>
  /** Loses what these addresses send on every other connection to each of them, where the client's network begins. */
  loseEveryOther(addresses: string[]): Promise<() => Promise<void>>
}

/** Makes the lab: six servers with a certificate each, that answer like registries. */
export async function makeEgressLab(): Promise<EgressLab> {
  const lab = await makePathLab()
  const servers: Server[] = []
  let authority: Authority | undefined
  const remove = async () => {
    for (const server of servers) server.close()
    await lab.remove()
    await authority?.remove()
  }
  try {
    authority = await createAuthority()
    const { caFile } = authority
    for (const [name, address] of Object.entries(publicRegistries)) {
      await lab.addServerAddress(address)
      const { key, cert } = await authority.issue({ names: [name], days: 25 })
      const server = createServer({ key, cert }, (_, response) => {
        // Without a challenge, so that each endpoint is one leg.
        response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
      })
      servers.push(server.listen(await lab.server.listen(address, 443)))
    }
    return {
      ...{ ...lab, remove },
      probe: (repeat) =>
        lab.run([], {
          hosts: publicRegistries,
          timeoutMs: 150_000,
          env: {
            ...{ PLUGIN_CHECKS: 'path', PLUGIN_ENDPOINTS: 'registries', PLUGIN_REPEAT: String(repeat) },
            PLUGIN_CA_FILE: caFile,
          },
        }),
      // A connection is marked by its first packet; acknowledgements without data still pass.
      loseEveryOther: (addresses) =>
        lab.nat.fault(
          'forward',
          [
            ...addresses.map(
              (address) =>
                `iifname "lan0" tcp flags & (syn | ack) == syn ip daddr ${address} ct mark set numgen inc mod 2`,
            ),
            'oifname "lan0" ct mark 1 tcp sport 443 meta length > 80 drop',
          ].join('\n'),
        ),
    }
  } catch (error) {
    await remove()
    throw error
  }
}
