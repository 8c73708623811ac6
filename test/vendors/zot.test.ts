import { describe, expect, test } from 'vitest'
import { challenge, refusal, userOf, useVendors, type Vendor, verifyImage } from './vendor.ts'

const serve = useVendors()
const good = { username: 'ann', password: 'zot-secret' }

/** zot with htpasswd and access control. */
const zot = (change: Vendor = {}, open = false): Vendor => ({
  ...change,
  before: (request, about) => {
    const user = userOf(request)
    if ((!user && !open) || (user && user.password !== good.password)) return challenge('Basic realm="zot"')
    if (user?.user === 'ben') return refusal(403, 'DENIED', 'requested access to the resource is denied')
    return change.before?.(request, about)
  },
})

describe('zot', () => {
  test.each(['head', 'probe', 'full'])(
    'serves an image to everyone at depth %s if its policy allows it',
    async (depth) => {
      await serve(zot({}, true))
      expect((await verifyImage({ depth })).verdict).toEqual([0, [], []])
    },
  )

  test('serves an image to a login', async () => {
    await serve(zot())
    expect((await verifyImage(good)).verdict).toEqual([0, [], []])
  })

  test('refuses a request without a login', async () => {
    await serve(zot())
    expect((await verifyImage()).verdict).toEqual([3, ['denied-or-missing'], []])
  })

  test('refuses a wrong password, which is not printed', async () => {
    const received = await serve(zot())
    const { verdict, text } = await verifyImage({ ...good, password: 'zot-wrong' })
    expect(verdict).toEqual([3, ['bad-credentials'], []])
    expect(text).not.toContain('zot-wrong')
    expect(received).toHaveLength(2)
  })

  test('refuses a user who may not read the repository', async () => {
    await serve(zot())
    const { verdict, text } = await verifyImage({ ...good, username: 'ben' })
    expect(verdict).toEqual([3, ['access-denied'], []])
    expect(text).toContain('requested access to the resource is denied')
  })

  test.each(['MANIFEST_UNKNOWN', 'NAME_UNKNOWN'])('answers %s for a missing tag', async (code) => {
    const missing = () =>
      Response.json({ errors: [{ code, message: 'unknown', detail: { name: 'team/app' } }] }, { status: 404 })
    await serve(zot({ tags: {}, missing }, true))
    expect((await verifyImage()).verdict).toEqual([1, ['tag-missing'], []])
  })
})
