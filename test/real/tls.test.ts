import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Authority, createAuthority } from '../support/certs.ts'
import { depths, pushCorpus, verifyCorpus } from '../support/real-corpus.ts'
import { generations } from '../support/real-generations.ts'
import { namesOfThisMachine } from '../support/real-names.ts'
import type { RealRegistry } from '../support/real-registry.ts'
import { causeIds, noteIds, type VerifyTestOptions, verifyImages } from '../support/verify.ts'

for (const generation of generations) {
  generation.suite(['openssl'])(`TLS of a real ${generation.name}, with a private authority`, () => {
    let plain: RealRegistry
    const secure = { good: '', other: '', expired: '' }
    let authority: Authority
    const running: RealRegistry[] = []
    let forget: () => void

    beforeAll(async () => {
      forget = namesOfThisMachine()
      authority = await createAuthority()
      plain = await generation.start()
      running.push(plain)
      await pushCorpus(plain.host)
      const withCertificate = async (options: { names: string[]; expired?: boolean }) => {
        const { keyFile, certFile } = await authority.issue(options)
        const registry = await generation.start({
          root: plain.root,
          config: { http: { tls: { certificate: certFile, key: keyFile } } },
        })
        running.push(registry)
        return named(registry)
      }
      secure.good = await withCertificate({ names: ['registry.test', '127.0.0.1'] })
      secure.other = await withCertificate({ names: ['elsewhere.test'] })
      secure.expired = await withCertificate({ names: ['registry.test'], expired: true })
    })
    afterAll(async () => {
      forget?.()
      for (const one of running) await one.stop()
      await authority?.remove()
    })

    const trusting = (): VerifyTestOptions => ({ authorities: [authority.ca] })
    const look = (host: string, options: VerifyTestOptions = trusting()) =>
      verifyImages([`${host}/corpus/oci-index:1`], options)

    test.each(depths)('with the authority known the whole corpus passes at depth %s', async (depth) => {
      const report = await verifyCorpus(secure.good, depth, trusting())
      expect([report.exitCode, causeIds(report).filter((id) => id !== 'cert-expiring')]).toEqual([0, []])
    })

    test('a registry written in Go is spoken to in HTTP/2, over few connections', async () => {
      const report = await verifyCorpus(secure.good, 'probe', trusting())
      expect(report.hosts).toMatchObject([
        {
          host: secure.good,
          protocol: 'https',
          http2: true,
          addresses: ['127.0.0.1'],
          certificate: { subject: 'registry.test', issuer: 'regguard test CA', verified: true },
        },
      ])
    })

    test('an authority that nobody told of is not trusted', async () => {
      const report = await look(secure.good, {})
      expect([report.exitCode, causeIds(report)]).toEqual([3, ['tls-untrusted']])
      expect(JSON.stringify(report.causes)).toContain('regguard test CA')
    })

    test('a certificate of another name is told with the names it has', async () => {
      const report = await look(secure.other)
      expect([report.exitCode, causeIds(report)]).toEqual([3, ['tls-name-mismatch']])
      expect(JSON.stringify(report.causes)).toContain('elsewhere.test')
    })

    test('a certificate that has expired is told', async () => {
      const report = await look(secure.expired)
      expect([report.exitCode, causeIds(report)]).toEqual([3, ['tls-expired']])
    })

    test.each(['good', 'other', 'expired'] as const)(
      'without a look at the certificate (%s) the image passes, and that is said loudly',
      async (which) => {
        const report = await look(secure[which], { settings: { skip_tls_verify: 'true' } })
        expect(report.exitCode).toBe(0)
        expect(report.status).toBe('warn')
        expect(causeIds(report)).toContain('tls-not-verified')
        expect(report.hosts[0]?.certificate?.verified).toBe(false)
      },
    )

    test('with leave for plain http, a port that speaks TLS is asked over TLS', async () => {
      const report = await look(secure.good, { ...trusting(), settings: { insecure: 'true' } })
      expect([report.exitCode, causeIds(report), report.hosts[0]?.protocol]).toEqual([
        0,
        ['cert-expiring'],
        'https',
      ])
    })

    test('leave for plain http is no leave for a certificate that nobody vouches for', async () => {
      const report = await look(secure.other, { ...trusting(), settings: { insecure: 'true' } })
      expect([report.exitCode, causeIds(report)]).toEqual([3, ['tls-name-mismatch']])
    })

    test('TLS to a port that speaks plain http is told so', async () => {
      const report = await look(named(plain))
      expect([report.exitCode, causeIds(report)]).toEqual([3, ['tls-plain-http']])
    })

    test('with leave for plain http the same port passes', async () => {
      const report = await look(named(plain), { settings: { insecure: 'true' } })
      expect([report.exitCode, causeIds(report), noteIds(report)]).toEqual([0, [], []])
    })
  })
}

const named = ({ host }: RealRegistry) => host.replace('127.0.0.1', 'registry.test')
