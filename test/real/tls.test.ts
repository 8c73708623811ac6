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
    const verifyAt = (host: string, options: VerifyTestOptions = trusting()) =>
      verifyImages([`${host}/corpus/oci-index:1`], options)

    test.each(depths)('with a trusted authority, the whole corpus passes at depth %s', async (depth) => {
      const report = await verifyCorpus(secure.good, depth, trusting())
      expect([report.exitCode, causeIds(report).filter((id) => id !== 'cert-expiring')]).toEqual([0, []])
    })

    test('HTTP/2 is used with a registry written in Go, over few connections', async () => {
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

    test('an unknown authority is not trusted', async () => {
      const report = await verifyAt(secure.good, {})
      expect([report.exitCode, causeIds(report)]).toEqual([3, ['tls-untrusted']])
      expect(JSON.stringify(report.causes)).toContain('regguard test CA')
    })

    test('a certificate for another name is reported with its names', async () => {
      const report = await verifyAt(secure.other)
      expect([report.exitCode, causeIds(report)]).toEqual([3, ['tls-name-mismatch']])
      expect(JSON.stringify(report.causes)).toContain('elsewhere.test')
    })

    test('an expired certificate is reported', async () => {
      const report = await verifyAt(secure.expired)
      expect([report.exitCode, causeIds(report)]).toEqual([3, ['tls-expired']])
    })

    test.each(['good', 'other', 'expired'] as const)(
      'with skip_tls_verify (%s), the image passes, and that is flagged',
      async (which) => {
        const report = await verifyAt(secure[which], { settings: { skip_tls_verify: 'true' } })
        expect(report.exitCode).toBe(0)
        expect(report.status).toBe('warn')
        expect(causeIds(report)).toContain('tls-not-verified')
        expect(report.hosts[0]?.certificate?.verified).toBe(false)
      },
    )

    test('with insecure, a TLS port is contacted over TLS', async () => {
      const report = await verifyAt(secure.good, { ...trusting(), settings: { insecure: 'true' } })
      expect([report.exitCode, causeIds(report), report.hosts[0]?.protocol]).toEqual([
        0,
        ['cert-expiring'],
        'https',
      ])
    })

    test('insecure does not accept an untrusted certificate', async () => {
      const report = await verifyAt(secure.other, { ...trusting(), settings: { insecure: 'true' } })
      expect([report.exitCode, causeIds(report)]).toEqual([3, ['tls-name-mismatch']])
    })

    test('TLS to a plain HTTP port is reported', async () => {
      const report = await verifyAt(named(plain))
      expect([report.exitCode, causeIds(report)]).toEqual([3, ['tls-plain-http']])
    })

    test('with insecure, the same port passes', async () => {
      const report = await verifyAt(named(plain), { settings: { insecure: 'true' } })
      expect([report.exitCode, causeIds(report), noteIds(report)]).toEqual([0, [], []])
    })
  })
}

const named = ({ host }: RealRegistry) => host.replace('127.0.0.1', 'registry.test')
