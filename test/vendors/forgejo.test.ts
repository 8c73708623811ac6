import { describe, expect, test } from 'vitest'
import {
  challenge,
  healthy,
  refusal,
  registryHost,
  tokenOf,
  userOf,
  useVendors,
  type Vendor,
  verifyImage,
} from './vendor.ts'

const serve = useVendors()
const realm = `http://${registryHost}/v2/token`
const good = { username: 'ann', password: 'forgejo-secret' }

/**
 * Forgejo and Gitea: two challenges (in one header here), `scope="*"`, a stub for POST, a token of the user Ghost without a login, no
 * ranges, lengths from the database. A package refuses with its own challenge.
 */
const forgejo = (change: Vendor = {}, may: (user: string) => boolean = () => true): Vendor => ({
  ranges: false,
  ...change,
  before: (request, about) => {
    const user = userOf(request)
    if (user && user.password !== good.password) return loginChallenge()
    if (request.url.startsWith(realm)) {
      if (request.method === 'POST') return new Response(null, { status: 404 })
      return Response.json({ token: `token-of-${user?.user ?? 'Ghost'}` })
    }
    const name = tokenOf(request)?.replace('token-of-', '') ?? user?.user
    if (!name) return loginChallenge()
    if (!may(name)) {
      const body = 'user should have specific permission or be a site admin\n'
      const headers = { 'www-authenticate': 'Basic realm="Gitea Package API"' }
      return new Response(body, { status: 401, headers })
    }
    return change.before?.(request, about)
  },
})

const loginChallenge = () =>
  challenge(
    `Bearer realm="${realm}",service="container_registry",scope="*"`,
    'Basic realm="Gitea Container Registry"',
  )

describe('Forgejo', () => {
  test.each([
    ['everyone', {}],
    ['a login', good],
  ])('serves an image to %s', async (_, login) => {
    const received = await serve(forgejo())
    for (const depth of ['head', 'probe', 'full']) {
      expect((await verifyImage({ ...login, depth })).verdict).toEqual([0, [], []])
    }
    expect(received.filter(({ method }) => method === 'POST')).toEqual([])
    const tokens = received.filter(({ path }) => path.startsWith('/v2/token'))
    expect(tokens.map(({ path }) => new URLSearchParams(path.split('?')[1]).get('scope'))).toEqual([
      '*',
      '*',
      '*',
    ])
  })

  test('has blobs read whole at depth probe, and only listed at depth head', async () => {
    await serve(forgejo())
    const proofs = async (depth: string) =>
      (await verifyImage({ depth })).report.targets[0]?.members[0]?.proof
    expect(await proofs('probe')).toMatchObject({
      ...{ listed: 0, opened: 0, lastByte: 0, whole: 3 },
      ...{ layers: 2, unpacked: 0, unread: 0 },
    })
    expect(await proofs('head')).toMatchObject({
      ...{ listed: 2, opened: 0, lastByte: 0, whole: 1 },
      ...{ layers: 0, unpacked: 0, unread: 0 },
    })
  })

  test('reports lengths from its database, so a truncated file is found by reading it only', async () => {
    const [layer] = healthy.images[0]?.layers ?? []
    const after: Vendor['after'] = (answer, { method }, { what }) => {
      if (what !== layer?.digest || method === 'HEAD') return answer
      const half = layer.bytes.subarray(0, 100)
      return new Response(new Uint8Array(half), { headers: { 'content-length': '100' } })
    }
    await serve(forgejo({ after }))
    expect((await verifyImage({ depth: 'head' })).verdict).toEqual([0, [], []])
    expect((await verifyImage()).verdict).toEqual([1, ['blob-truncated'], []])
  })

  test('issues an anonymous token without access to a private package', async () => {
    await serve(forgejo({}, (user) => user === 'ann'))
    const { verdict, text } = await verifyImage()
    expect(verdict).toEqual([3, ['denied-or-missing'], []])
    expect(text).toContain('user should have specific permission')
    expect((await verifyImage(good)).verdict).toEqual([0, [], []])
  })

  test('refuses a wrong password, which is not printed', async () => {
    await serve(forgejo())
    const { verdict, text } = await verifyImage({ ...good, password: 'forgejo-wrong' })
    expect(verdict).toEqual([3, ['bad-credentials'], []])
    expect(text).not.toContain('forgejo-wrong')
  })

  test('accepts a login, and refuses a user who may not read the package', async () => {
    await serve(forgejo({}, () => false))
    const { verdict, text } = await verifyImage(good)
    expect(text).toContain('user should have specific permission')
    expect(verdict).toEqual([3, ['access-denied'], []])
  })

  test.each(['MANIFEST_UNKNOWN', 'NAME_UNKNOWN'])('answers %s for a missing tag', async (code) => {
    await serve(forgejo({ tags: {}, missing: () => refusal(404, code, '') }))
    expect((await verifyImage(good)).verdict).toEqual([1, ['tag-missing'], []])
  })

  test('without the children of an index is orphaned-index, with each of them', async () => {
    const gone = healthy.images.map(({ manifest }) => manifest.digest)
    const contents = healthy.contents.filter(({ digest }) => !gone.includes(digest))
    await serve(forgejo({ contents }))
    const { verdict, text } = await verifyImage()
    expect(verdict).toEqual([1, ['orphaned-index'], []])
    for (const digest of gone) expect(text).toContain(digest)
  })
})
