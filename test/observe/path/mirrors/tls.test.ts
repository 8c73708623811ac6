import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { contentsOf, image } from '../../../../src/fake-registry/images/images.ts'
import { type Authority, type Certificate, createAuthority } from '../../../support/certs.ts'
import { suiteNeeds } from '../../../support/need.ts'
import { verifyImages } from '../../../support/verify.ts'
import { useRegistries, useServers } from '../../kit.ts'

const startRegistry = useRegistries()
const startServer = useServers()

suiteNeeds(['openssl'])('a mirror with TLS settings', () => {
  let authority: Authority
  let own: Certificate
  beforeAll(async () => {
    authority = await createAuthority()
    own = await authority.issue()
  })
  afterAll(() => authority?.remove())

  /** The findings for a mirror of that authority with these settings; `mutual`: it wants a certificate of its clients. */
  async function findings(settings: string, { mutual = false } = {}): Promise<string[]> {
    const registry = await startRegistry()
    registry.store.push('app', contentsOf(image('linux/amd64')), '1')
    const { cert, key } = own
    const clients = mutual ? { requestCert: true, rejectUnauthorized: true, ca: authority.ca } : {}
    const { host } = await startServer(
      createServer({ cert, key, ...clients }, (_, response) => response.end()),
    )
    const root = await mkdtemp(join(tmpdir(), 'regguard-certs-d-'))
    try {
      const folder = join(root, registry.host.replace(/:(\d+)/, '_$1_'))
      await mkdir(folder)
      await writeFile(join(folder, 'hosts.toml'), `[host."https://${host}"]\n${settings}\n`)
      await writeFile(join(folder, 'ca.crt'), authority.ca)
      await writeFile(join(folder, 'own.cert'), cert)
      await writeFile(join(folder, 'own.key'), key)
      const { causes } = await verifyImages([`${registry.host}/app:1`], { settings: { mirror_config: root } })
      return causes.map(({ id }) => id)
    } finally {
      await rm(root, { recursive: true })
    }
  }

  test.each([
    ['an authority beside it is trusted', 'ca = "ca.crt"', []],
    ['without it, the mirror cannot be used', '', ['mirror-unreachable']],
    ['skip_verify accepts any certificate', 'skip_verify = true', []],
    ['an authority elsewhere on the host may be right, and is not judged', 'ca = "/nowhere/ca.crt"', []],
  ])('%s', async (_sentence, settings, found) => {
    expect(await findings(settings)).toEqual(found)
  })

  test.each([
    ['a client certificate is sent', 'client = [["own.cert", "own.key"]]', []],
    ['without it, the mirror cannot be used', '', ['mirror-unreachable']],
    [
      'one elsewhere on the host may be right, and is not judged',
      'client = [["/nowhere/a", "/nowhere/b"]]',
      [],
    ],
  ])('%s', async (_sentence, settings, found) => {
    expect(await findings(`ca = "ca.crt"\n${settings}`, { mutual: true })).toEqual(found)
  })
})
