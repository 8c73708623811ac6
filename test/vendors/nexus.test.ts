import { describe, expect, test } from 'vitest'
import {
  challenge,
  refusal,
  registryHost,
  tokenOf,
  userOf,
  useVendors,
  type Vendor,
  verifyImage,
  without,
} from './vendor.ts'

const serve = useVendors()
const good = { username: 'ci', password: 'nexus-secret' }
const realm = `http://${registryHost}/v2/token`

/** Nexus: Basic, or a token whose challenge has a URL as service and no scope; responses may lack the digest (distribution#3849). */
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
    ['everyone', {}, true],
    ['a login', good, false],
  ])('serves an image without digest headers to %s', async (_, login, open) => {
    await serve(nexus({}, open))
    for (const depth of ['head', 'probe', 'full']) {
      expect((await verifyImage({ ...login, depth })).verdict).toEqual([0, [], []])
    }
  })

  test('refuses a request without a login', async () => {
    await serve(nexus())
    expect((await verifyImage()).verdict).toEqual([3, ['denied-or-missing'], []])
  })

  test('refuses a wrong password, which is not printed', async () => {
    await serve(nexus())
    const { verdict, text } = await verifyImage({ ...good, password: 'nexus-wrong' })
    expect(verdict).toEqual([3, ['bad-credentials'], []])
    expect(text).not.toContain('nexus-wrong')
  })

  test('refuses a login that may not read the repository', async () => {
    const before = () => refusal(403, 'DENIED', 'access to the requested resource is not authorized')
    await serve(nexus({ before }))
    expect((await verifyImage(good)).verdict).toEqual([3, ['access-denied'], []])
  })

  test('has no such tag', async () => {
    await serve(nexus({ tags: {} }))
    expect((await verifyImage(good)).verdict).toEqual([1, ['tag-missing'], []])
  })
})
