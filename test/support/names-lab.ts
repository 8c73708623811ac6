import { contentsOf, image } from '../../src/fake-registry/images/images.ts'
import { createAuthority } from './certs.ts'
import { relay, startIngress } from './lab-ingress.ts'
import { resolverPrograms, startDnsmasq, startUnbound } from './lab-resolvers.ts'
import { type LabRun, type LabRunOptions, labAddresses, makePathLab, type PathLab } from './path-lab.ts'
import type { Program } from './program.ts'
import { push } from './push.ts'
import { startRealRegistry } from './real-registry.ts'

/** The programs that it needs. */
export const namesLabPrograms = [
  ...['ip', 'nft', 'nsenter', 'unshare', 'openssl', 'nginx', 'docker-registry'],
  ...resolverPrograms,
]

/** The DNS servers of the lab, and the two addresses of its registry. */
export const namesLabAddresses = {
  internalDns: '10.77.0.53',
  publicDns: '203.0.113.53',
  inside: '10.77.0.10',
  outside: labAddresses.server,
  /** Where an ingress answers that has no route for these names. */
  otherIngress: labAddresses.router,
}

/** Known to the internal server alone. */
export const internalName = 'registry.lan'
/** Known to both servers, with the inside and the outside address. */
export const splitName = 'registry.corp.example'
/** Known to both servers, with one address. */
export const publicName = 'www.corp.example'

/**
 * A lab with a registry at an address in the client's network and at a public one, with the same certificate, and two DNS servers:
 * dnsmasq in the client's network, unbound outside.
 */
export type NamesLab = PathLab & {
  dnsmasq: Program
  /** Verifies an image of the registry by one of its names, with these servers in resolv.conf. */
  verify(name: string, servers: string[], options?: NamesRunOptions): Promise<LabRun>
}
type NamesRunOptions = LabRunOptions & { settings?: Record<string, string> }

/** Makes the lab. */
export async function makeNamesLab(): Promise<NamesLab> {
  const undo: (() => unknown)[] = []
  const remove = async () => {
    for (const step of undo.splice(0).reverse()) await step()
  }
  try {
    const lab = await makePathLab()
    undo.push(lab.remove)
    const { internalDns, publicDns, inside, outside } = namesLabAddresses
    for (const address of [internalDns, inside]) await lab.nat.ip(`addr add ${address}/24 dev lan0`)
    await lab.addServerAddress(publicDns)
    const authority = await createAuthority()
    undo.push(authority.remove)
    const registry = await startRealRegistry()
    undo.push(registry.stop)
    await push(registry.host, 'team/app', contentsOf(image('linux/amd64')), { tag: '1' })
    const names = [internalName, splitName]
    const site = {
      ...{ names, certificate: await authority.issue({ names, days: 25 }) },
      body: `location / { proxy_pass http://${registry.host}; }`,
    }
    const fallback = await authority.issue({ names: ['ingress default certificate'], selfSigned: true })
    undo.push(
      (await startIngress(lab.router, { addresses: [labAddresses.router], sites: [], fallback })).stop,
    )
    for (const [host, address] of [
      [lab.nat, inside],
      [lab.server, outside],
    ] as const) {
      undo.push(await relay(host, registry.host))
      undo.push((await startIngress(host, { addresses: [address], sites: [site], fallback })).stop)
    }
    const dnsmasq = await startDnsmasq(lab.nat, internalDns, {
      [internalName]: inside,
      [splitName]: inside,
      [publicName]: outside,
    })
    undo.push(dnsmasq.stop)
    const unbound = await startUnbound(lab.server, publicDns, { [splitName]: outside, [publicName]: outside })
    undo.push(unbound.stop)
    return {
      ...lab,
      ...{ dnsmasq, remove },
      verify: (name, servers, { settings = {}, ...options } = {}) =>
        lab.run([`${name}/team/app:1`], {
          // Short, so that a dead server does not take up the time of the test.
          resolvConf: `${servers.map((server) => `nameserver ${server}\n`).join('')}options timeout:1 attempts:1\n`,
          ...options,
          env: {
            PLUGIN_CA_FILE: authority.caFile,
            ...Object.fromEntries(
              Object.entries(settings).map(([key, value]) => [`PLUGIN_${key.toUpperCase()}`, value]),
            ),
            ...options.env,
          },
        }),
    }
  } catch (error) {
    await remove()
    throw error
  }
}
