import { gzipSync } from 'node:zlib'
import { http } from 'msw/http'
import { describe, expect, test } from 'vitest'
import {
  challenge,
  healthy,
  redirect,
  refusal,
  signedStorage,
  signedUrl,
  tokenHost,
  tokenOf,
  userOf,
  useVendors,
  type Vendor,
  verifyImage,
} from './vendor.ts'

const serve = useVendors()
const realm = `http://${tokenHost}/v2/auth`
const good = { username: 'team+robot', password: 'ROBOTTOKEN' }
const configs = new Map(healthy.images.map(({ config }) => [config.digest, config.bytes]))

/** Quay: a token for everyone, with or without access, and compressed configurations (quay#1310). */
const quay = (change: Vendor = {}, may: (user: string) => boolean = () => true): Vendor => ({
  ...change,
  before: (request, about) => {
    const bearer = `Bearer realm="${realm}",service="quay.io",scope="repository:${about.name}:pull"`
    const token = tokenOf(request)
    if (!token || !may(token.replace('token-of-', ''))) return challenge(bearer)
    const early = change.before?.(request, about)
    if (early) return early
    const config = about.kind === 'blobs' && configs.get(about.what)
    if (!config) return about.kind === 'blobs' ? redirect(signedUrl(about), 302) : undefined
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
    ['everyone', {}],
    ['a robot account', good],
  ])('serves an image with compressed configurations to %s, which is a note', async (_, login) => {
    await serve(quay())
    for (const depth of ['head', 'probe', 'full']) {
      expect((await verifyImage({ ...login, depth })).verdict).toEqual([0, [], ['content-encoded']])
    }
  })

  test('issues an anonymous token and rejects it for a private image', async () => {
    await serve(quay({}, (user) => user === good.username))
    expect((await verifyImage()).verdict).toEqual([3, ['denied-or-missing'], []])
    expect((await verifyImage(good)).verdict).toEqual([0, [], ['content-encoded']])
  })

  test('issues a token to a robot without read access and rejects it', async () => {
    await serve(quay({}, () => false))
    const { verdict, text } = await verifyImage(good)
    expect(verdict).toEqual([3, ['access-denied'], []])
    expect(text).toContain('team+robot')
  })

  test('refuses an unknown robot', async () => {
    await serve(quay())
    const { verdict, text } = await verifyImage({ username: 'team+nobody', password: 'ROBOTOTHER' })
    expect(verdict).toEqual([3, ['bad-credentials'], []])
    expect(text).toContain('Could not find robot')
    expect(text).not.toContain('ROBOTOTHER')
  })

  test.each([
    ['MANIFEST_UNKNOWN', 'manifest unknown'],
    ['TAG_EXPIRED', 'Tag 1 was deleted or has expired. To pull, revive via time machine'],
  ])('answers %s to a robot for a missing tag', async (code, message) => {
    await serve(quay({ tags: {}, missing: () => refusal(404, code, message) }))
    const { verdict, text } = await verifyImage(good)
    expect(verdict).toEqual([1, ['tag-missing'], []])
    expect(text).toContain(`404 ${code}`)
  })
})
