import { describe, expect, test } from 'vitest'
import {
  challenge,
  look,
  refusal,
  registryHost,
  tokenOf,
  userOf,
  useVendors,
  type Vendor,
  without,
} from './vendor.ts'

const serve = useVendors()
const good = { username: 'ci', password: 'nexus-secret' }
const realm = `http://${registryHost}/v2/token`

/**
 * Nexus: Basic, or a token whose challenge names an address for the service and no scope; its answers may
 * lack the digest (distribution#3849).
 */
const nexus = (change: Vendor = {}, open = false): Vendor => ({
  ...change,
  before: (request, about) => {
    if (open && request.url.startsWith(realm)) return Response.json({ token: 'DockerToken.1234' })
    const user = userOf(request)
    if (open && !user && !tokenOf(request)) return challenge(`Bearer realm="${realm}",service="${realm}"`)
    if ((!open && !user) || (user && user.password !== good.password)) {
      return challenge('BASIC realm="Sonatype Nexus Repository Manager"')
    }
    return change.before?.(request, about)
  },
  after: (answer) => without(answer, 'docker-content-digest'),
})

describe('Nexus', () => {
  test.each([
    ['anybody', {}, true],
    ['a login', good, false],
  ])('serves an image without digests in its headers to %s', async (_, who, open) => {
    await serve(nexus({}, open))
    for (const depth of ['head', 'probe', 'full']) {
      expect((await look({ ...who, depth })).verdict).toEqual([0, [], []])
    }
  })

  test('tells a stranger nothing', async () => {
    await serve(nexus())
    expect((await look()).verdict).toEqual([3, ['denied-or-missing'], []])
  })

  test('refuses a wrong password, which is not repeated', async () => {
    await serve(nexus())
    const { verdict, words } = await look({ ...good, password: 'nexus-wrong' })
    expect(verdict).toEqual([3, ['bad-credentials'], []])
    expect(words).not.toContain('nexus-wrong')
  })

  test('refuses a login that may not read the repository', async () => {
    const before = () => refusal(403, 'DENIED', 'access to the requested resource is not authorized')
    await serve(nexus({ before }))
    expect((await look(good)).verdict).toEqual([3, ['access-denied'], []])
  })

  test('knows no such tag', async () => {
    await serve(nexus({ tags: {} }))
    expect((await look(good)).verdict).toEqual([1, ['tag-missing'], []])
  })
})
