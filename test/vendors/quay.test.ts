import { gzipSync } from 'node:zlib'
import { http } from 'msw/http'
import { describe, expect, test } from 'vitest'
import {
  challenge,
  healthy,
  look,
  redirect,
  refusal,
  signedPlace,
  signedStorage,
  tokenHost,
  tokenOf,
  userOf,
  useVendors,
  type Vendor,
} from './vendor.ts'

const serve = useVendors()
const realm = `http://${tokenHost}/v2/auth`
const good = { username: 'team+robot', password: 'ROBOTTOKEN' }
const configs = new Map(healthy.images.map(({ config }) => [config.digest, config.bytes]))

/** Quay: a token for anybody, who may not use it then, and configurations come compressed (quay#1310). */
const quay = (change: Vendor = {}, may: (user: string) => boolean = () => true): Vendor => ({
  ...change,
  before: (request, about) => {
    const asks = `Bearer realm="${realm}",service="quay.io",scope="repository:${about.name}:pull"`
    const token = tokenOf(request)
    if (!token || !may(token.replace('token-of-', ''))) return challenge(asks)
    const early = change.before?.(request, about)
    if (early) return early
    const config = about.kind === 'blobs' && configs.get(about.what)
    if (!config) return about.kind === 'blobs' ? redirect(signedPlace(about), 302) : undefined
    const packed = gzipSync(config)
    const headers = { 'content-encoding': 'gzip', 'content-length': String(packed.length) }
    return new Response(request.method === 'HEAD' ? null : new Uint8Array(packed), { headers })
  },
  others: [
    signedStorage(),
    http.get(realm, ({ request }) => {
      const user = userOf(request)
      if (user && user.password !== good.password) {
        return refusal(401, 'UNAUTHORIZED', `Could not find robot with username: ${user.user}`)
      }
      return Response.json({ token: `token-of-${user?.user ?? 'nobody'}` })
    }),
  ],
})

describe('Quay', () => {
  test.each([
    ['a stranger', {}],
    ['a robot account', good],
  ])('serves an image whose configurations come compressed to %s, and notes that', async (_, who) => {
    await serve(quay())
    for (const depth of ['head', 'probe', 'full']) {
      expect((await look({ ...who, depth })).verdict).toEqual([0, [], ['content-encoded']])
    }
  })

  test('gives a stranger a token and refuses it, and tells nothing of a private image', async () => {
    await serve(quay({}, (user) => user === good.username))
    expect((await look()).verdict).toEqual([3, ['denied-or-missing'], []])
    expect((await look(good)).verdict).toEqual([0, [], ['content-encoded']])
  })

  test('gives a robot without the right to read a token and refuses it', async () => {
    await serve(quay({}, () => false))
    const { verdict, words } = await look(good)
    expect(verdict).toEqual([3, ['access-denied'], []])
    expect(words).toContain('team+robot')
  })

  test('knows no such robot', async () => {
    await serve(quay())
    const { verdict, words } = await look({ username: 'team+nobody', password: 'ROBOTOTHER' })
    expect(verdict).toEqual([3, ['bad-credentials'], []])
    expect(words).toContain('Could not find robot')
    expect(words).not.toContain('ROBOTOTHER')
  })

  test.each([
    ['MANIFEST_UNKNOWN', 'manifest unknown'],
    ['TAG_EXPIRED', 'Tag 1 was deleted or has expired. To pull, revive via time machine'],
  ])('says %s to a robot for a tag that is not there', async (code, message) => {
    await serve(quay({ tags: {}, missing: () => refusal(404, code, message) }))
    const { verdict, words } = await look(good)
    expect(verdict).toEqual([1, ['tag-missing'], []])
    expect(words).toContain(`404 ${code}`)
  })
})
