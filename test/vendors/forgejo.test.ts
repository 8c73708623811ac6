import { describe, expect, test } from 'vitest'
import {
  challenge,
  healthy,
  look,
  refusal,
  registryHost,
  tokenOf,
  userOf,
  useVendors,
  type Vendor,
} from './vendor.ts'

const serve = useVendors()
const realm = `http://${registryHost}/v2/token`
const good = { username: 'ann', password: 'forgejo-secret' }

/**
 * Forgejo, and Gitea: two challenges (they come in one header here), `scope="*"`, a stub for POST, a ghost's
 * token for strangers, no ranges, lengths from the database. A package refuses with a challenge of its own.
 */
const forgejo = (change: Vendor = {}, may: (user: string) => boolean = () => true): Vendor => ({
  ranges: false,
  ...change,
  before: (request, about) => {
    const user = userOf(request)
    if (user && user.password !== good.password) return asksForLogin()
    if (request.url.startsWith(realm)) {
      if (request.method === 'POST') return new Response(null, { status: 404 })
      return Response.json({ token: `token-of-${user?.user ?? 'Ghost'}` })
    }
    const who = tokenOf(request)?.replace('token-of-', '') ?? user?.user
    if (!who) return asksForLogin()
    if (!may(who)) {
      const body = 'user should have specific permission or be a site admin\n'
      const headers = { 'www-authenticate': 'Basic realm="Gitea Package API"' }
      return new Response(body, { status: 401, headers })
    }
    return change.before?.(request, about)
  },
})

const asksForLogin = () =>
  challenge(
    `Bearer realm="${realm}",service="container_registry",scope="*"`,
    'Basic realm="Gitea Container Registry"',
  )

describe('Forgejo', () => {
  test.each([
    ['anybody', {}],
    ['a login', good],
  ])('serves an image to %s, and every blob is read whole where its end must be proven', async (_, who) => {
    const arrived = await serve(forgejo())
    for (const depth of ['head', 'probe', 'full']) {
      expect((await look({ ...who, depth })).verdict).toEqual([0, [], []])
    }
    expect(arrived.filter(({ method }) => method === 'POST')).toEqual([])
    const tokens = arrived.filter(({ path }) => path.startsWith('/v2/token'))
    expect(tokens.map(({ path }) => new URLSearchParams(path.split('?')[1]).get('scope'))).toEqual([
      '*',
      '*',
      '*',
    ])
  })

  test('has its blobs read whole at depth probe, and only listed at depth head', async () => {
    await serve(forgejo())
    const proofs = async (depth: string) => (await look({ depth })).report.targets[0]?.members[0]?.proof
    expect(await proofs('probe')).toEqual({ listed: 0, lastByte: 0, whole: 3, opened: 0, unread: 0 })
    expect(await proofs('head')).toEqual({ listed: 2, lastByte: 0, whole: 1, opened: 0, unread: 0 })
  })

  test('has lengths from its database, so a shorter file is seen in the file alone', async () => {
    const [layer] = healthy.images[0]?.layers ?? []
    const after: Vendor['after'] = (answer, { method }, { what }) => {
      if (what !== layer?.digest || method === 'HEAD') return answer
      const half = layer.bytes.subarray(0, 100)
      return new Response(new Uint8Array(half), { headers: { 'content-length': '100' } })
    }
    await serve(forgejo({ after }))
    expect((await look({ depth: 'head' })).verdict).toEqual([0, [], []])
    expect((await look()).verdict).toEqual([1, ['blob-truncated'], []])
  })

  test('gives a stranger a token that opens no private package, and nothing is told of it', async () => {
    await serve(forgejo({}, (user) => user === 'ann'))
    const { verdict, words } = await look()
    expect(verdict).toEqual([3, ['denied-or-missing'], []])
    expect(words).toContain('user should have specific permission')
    expect((await look(good)).verdict).toEqual([0, [], []])
  })

  test('refuses a wrong password, which is not repeated', async () => {
    await serve(forgejo())
    const { verdict, words } = await look({ ...good, password: 'forgejo-wrong' })
    expect(verdict).toEqual([3, ['bad-credentials'], []])
    expect(words).not.toContain('forgejo-wrong')
  })

  test('takes a login, and refuses who may not read the package', async () => {
    await serve(forgejo({}, () => false))
    const { verdict, words } = await look(good)
    expect(words).toContain('user should have specific permission')
    expect(verdict).toEqual([3, ['access-denied'], []])
  })

  test.each(['MANIFEST_UNKNOWN', 'NAME_UNKNOWN'])('says %s for a tag that is not there', async (code) => {
    await serve(forgejo({ tags: {}, missing: () => refusal(404, code, '') }))
    expect((await look(good)).verdict).toEqual([1, ['tag-missing'], []])
  })

  test('loses the children of an index to a cleanup, and each of them is named', async () => {
    const gone = healthy.images.map(({ manifest }) => manifest.digest)
    const contents = healthy.contents.filter(({ digest }) => !gone.includes(digest))
    await serve(forgejo({ contents }))
    const { verdict, words } = await look()
    expect(verdict).toEqual([1, ['orphaned-index'], []])
    for (const digest of gone) expect(words).toContain(digest)
  })
})
