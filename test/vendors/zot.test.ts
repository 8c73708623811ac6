import { describe, expect, test } from 'vitest'
import { challenge, look, refusal, userOf, useVendors, type Vendor } from './vendor.ts'

const serve = useVendors()
const good = { username: 'ann', password: 'zot-secret' }

/** zot with htpasswd and its access control: who may be anybody, and what anybody may. */
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
    'serves an image to anybody where its policy says so, at depth %s',
    async (depth) => {
      await serve(zot({}, true))
      expect((await look({ depth })).verdict).toEqual([0, [], []])
    },
  )

  test('serves an image to a login', async () => {
    await serve(zot())
    expect((await look(good)).verdict).toEqual([0, [], []])
  })

  test('tells a stranger nothing', async () => {
    await serve(zot())
    expect((await look()).verdict).toEqual([3, ['denied-or-missing'], []])
  })

  test('refuses a wrong password, which is not repeated', async () => {
    const arrived = await serve(zot())
    const { verdict, words } = await look({ ...good, password: 'zot-wrong' })
    expect(verdict).toEqual([3, ['bad-credentials'], []])
    expect(words).not.toContain('zot-wrong')
    expect(arrived).toHaveLength(2)
  })

  test('refuses who may not read the repository', async () => {
    await serve(zot())
    const { verdict, words } = await look({ ...good, username: 'ben' })
    expect(verdict).toEqual([3, ['access-denied'], []])
    expect(words).toContain('requested access to the resource is denied')
  })

  test.each(['MANIFEST_UNKNOWN', 'NAME_UNKNOWN'])('says %s for a tag that is not there', async (code) => {
    const missing = () =>
      Response.json({ errors: [{ code, message: 'unknown', detail: { name: 'team/app' } }] }, { status: 404 })
    await serve(zot({ tags: {}, missing }, true))
    expect((await look()).verdict).toEqual([1, ['tag-missing'], []])
  })
})
