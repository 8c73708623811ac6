import { contentsOf, image, randomLayer } from '../../src/fake-registry/images/images.ts'
import { type Authority, createAuthority } from './certs.ts'
import { type Ingress, relay, startIngress } from './lab-ingress.ts'
import { type LabRun, type LabRunOptions, makePathLab, type PathLab } from './path-lab.ts'
import { push } from './push.ts'
import { startRealRegistry } from './real-registry.ts'
import { createTokenKey, startTokenServer, type TokenServer } from './token-server.ts'

/** The programs that it needs. */
export const pullLabPrograms = ['ip', 'nft', 'nsenter', 'unshare', 'openssl', 'nginx', 'docker-registry']

/** The names of a pull, and their addresses. */
export const pullNames = {
  'registry.example.com': '203.0.113.10',
  'auth.example.com': '203.0.113.11',
  'blobs.example.com': '203.0.113.12',
}

/** Their addresses of the other IP version, which the client's hosts file has only on demand. */
export const pullNames6 = {
  'registry.example.com': '2001:db8:3::10',
  'auth.example.com': '2001:db8:3::11',
  'blobs.example.com': '2001:db8:3::12',
}

/**
 * A lab with a real registry behind an ingress: `registry.example.com` requires tokens of `auth.example.com` and redirects blobs to
 * `blobs.example.com`. The image is `registry.example.com/team/app:1`, with `layers` layers.
 */
export type PullLab = PathLab & {
  reference: string
  authority: Authority
  ingress: Ingress
  tokens: TokenServer
  /** Verifies the image on the client, whose hosts file has the names. */
  verify(options?: LabRunOptions): Promise<LabRun>
}

/** Makes the lab and pushes the image. */
export async function makePullLab({ layers = 4 } = {}): Promise<PullLab> {
  const undo: (() => unknown)[] = []
  const remove = async () => {
    for (const step of undo.splice(0).reverse()) await step()
  }
  try {
    const lab = await makePathLab()
    undo.push(lab.remove)
    for (const addresses of [pullNames, pullNames6])
      for (const address of Object.values(addresses).slice(1)) await lab.addServerAddress(address)
    const authority = await createAuthority()
    undo.push(authority.remove)
    const key = await createTokenKey()
    undo.push(key.remove)
    const tokens = await startTokenServer(key, { users: {}, pulls: { '': ['*'] } })
    undo.push(tokens.stop)
    const open = await startRealRegistry()
    undo.push(open.stop)
    const pushed = image('linux/amd64', {
      layers: Array.from({ length: layers }, (_, at) => randomLayer({ bytes: 500, seed: `layer ${at}` })),
    })
    await push(open.host, 'team/app', contentsOf(pushed), { tag: '1' })
    const registry = await startRealRegistry({
      root: open.root,
      config: { auth: { token: { ...tokens.auth, realm: 'https://auth.example.com/token' } } },
    })
    undo.push(registry.stop)
    undo.push(await relay(lab.server, registry.host), await relay(lab.server, tokens.host))
    // One after another: the authority keeps its serial numbers in a file.
    const site = async (name: string, body: string) => ({
      ...{ names: [name], body, certificate: await authority.issue({ names: [name], days: 25 }) },
    })
    const sites = [
      await site(
        'registry.example.com',
        `location / { proxy_pass http://${registry.host}; }
        location ~ ^/v2/.+/blobs/sha256:((..).+)$ {
          if ($http_authorization = "") { proxy_pass http://${registry.host}; }
          return 307 https://blobs.example.com/docker/registry/v2/blobs/sha256/$2/$1/data?signature=secret;
        }`,
      ),
      await site('auth.example.com', `location / { proxy_pass http://${tokens.host}; }`),
      await site('blobs.example.com', `root ${open.root};`),
    ]
    const ingress = await startIngress(lab.server, {
      addresses: [...Object.values(pullNames), ...Object.values(pullNames6)],
      sites,
      fallback: await authority.issue({ names: ['ingress default certificate'], selfSigned: true }),
    })
    undo.push(ingress.stop)
    const reference = 'registry.example.com/team/app:1'
    return {
      ...lab,
      ...{ authority, ingress, tokens, reference, remove },
      verify: (options = {}) =>
        lab.run([reference], {
          ...options,
          hosts: { ...pullNames, ...options.hosts },
          env: { PLUGIN_CA_FILE: authority.caFile, ...options.env },
        }),
    }
  } catch (error) {
    await remove()
    throw error
  }
}
