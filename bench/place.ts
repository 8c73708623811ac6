import type { Content } from '../src/fake-registry/images/images.ts'
import { createAuthority } from '../test/support/certs.ts'
import { push } from '../test/support/push.ts'
import { startRealRegistry } from '../test/support/real-registry.ts'
import { type DelayProxy, ownAddress, startDelayProxy } from './delay-proxy.ts'

/** How clients reach a registry: without TLS, or with it over one of the two versions of HTTP. */
export type Transport = 'http' | 'h1' | 'h2'

/** Real registries over one storage, and how to reach them. */
export interface Place {
  /** The registry without TLS, without a delay. */
  plainHost: string
  push: (repository: string, contents: Content[]) => Promise<void>
  /** The registry behind a path of this round trip, in milliseconds. Every connection and byte is counted. */
  reach: (transport: Transport, roundTripMs: number) => Promise<DelayProxy>
  /** The certificate of the authority that the registries' certificate is signed by. */
  caFile: string
  /** How many requests all registries have answered. */
  requests: () => number
  close: () => Promise<void>
}

/** Starts registries, Debian's `docker-registry`: one without TLS, one with HTTP/2, one without. */
export async function openPlace(): Promise<Place> {
  const authority = await createAuthority()
  const { certFile, keyFile } = await authority.issue({ names: [ownAddress] })
  const log = { accesslog: { disabled: false } }
  const plain = await startRealRegistry({ config: { log } })
  const secure = (http2: boolean) =>
    startRealRegistry({
      root: plain.root,
      config: {
        log,
        http: { tls: { certificate: certFile, key: keyFile }, http2: { disabled: !http2 } },
      },
    })
  const registries = { http: plain, h1: await secure(false), h2: await secure(true) }
  const all = Object.values(registries)
  const proxies: DelayProxy[] = []
  return {
    plainHost: plain.host,
    caFile: authority.caFile,
    push: async (repository, contents) => {
      await push(plain.host, repository, contents, { tag: '1' })
    },
    reach: async (transport, roundTripMs) => {
      const proxy = await startDelayProxy(registries[transport].host, roundTripMs / 2)
      proxies.push(proxy)
      return proxy
    },
    requests: () =>
      all.reduce((sum, registry) => sum + (registry.log().match(/"(?:GET|HEAD) \/v2\//g)?.length ?? 0), 0),
    close: async () => {
      for (const { close } of [...proxies]) await close()
      // The first owns the storage.
      for (const registry of all.toReversed()) await registry.stop()
      await authority.remove()
    },
  }
}
