import { Agent, request } from 'undici'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { blob } from '../../src/fake-registry/images/images.ts'
import { type Fault, startRegistry } from '../../src/fake-registry/registry.ts'
import { type Authority, type CertificateOptions, createAuthority } from '../support/certs.ts'
import { suiteNeeds } from '../support/need.ts'

suiteNeeds(['openssl'])('the embedded registry over TLS', () => {
  const layer = blob('text/plain', 'some bytes')
  let authority: Authority

  beforeAll(async () => {
    authority = await createAuthority()
  })
  afterAll(() => authority.remove())

  type Client = {
    allowH2?: boolean
    http2?: boolean
    certificate?: CertificateOptions
    fault?: Fault
    ca?: false
  }

  /** Starts a server with such a certificate and pulls a blob from it. */
  async function pull({ allowH2 = true, http2 = true, certificate, fault, ca }: Client): Promise<string> {
    const registry = await startRegistry({ tls: { ...(await authority.issue(certificate)), http2 } })
    const dispatcher = new Agent({ allowH2, connect: { ...(ca !== false && { ca: authority.ca }) } })
    registry.store.putBlob('app', layer)
    if (fault) registry.faults.add({}, fault)
    try {
      const response = await request(`${registry.url}/v2/app/blobs/${layer.digest}`, { dispatcher })
      return await response.body.text()
    } finally {
      await dispatcher.destroy()
      await registry.close()
    }
  }

  test.each([
    ['HTTP/2', {}],
    ['HTTP/1.1 chosen by the client', { allowH2: false }],
    ['HTTP/1.1 all there is', { http2: false }],
  ])('serves blobs over %s', async (_, client) => {
    expect(await pull(client)).toBe('some bytes')
  })

  test.each([
    ['an expired', { certificate: { expired: true } }, 'CERT_HAS_EXPIRED'],
    ['a self-signed', { certificate: { selfSigned: true } }, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['another name in the', { certificate: { names: ['registry.example'] } }, 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['an unknown authority behind the', { ca: false as const }, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  ])('has %s certificate refused', async (_, client, code) => {
    await expect(pull(client)).rejects.toMatchObject({ code })
  })

  test.each<[string, Fault]>([
    ['reset', { reset: 'before-headers' }],
    ['cut short', { cutBodyAfter: 3 }],
    ['without its bytes', { staleCache: true }],
  ])('breaks off over TLS as well: %s', async (_, fault) => {
    await expect(pull({ fault })).rejects.toThrow()
    await expect(pull({ fault, allowH2: false })).rejects.toThrow()
  })
})
