import { describe, expect, test } from 'vitest'
import { causeIds, noteIds, verifyImages } from '../../support/verify.ts'
import { sure, useRegistries } from '../kit.ts'
import { login, pushApp, tokenRequests, users } from './people.ts'

const start = useRegistries()

describe('a healthy image', () => {
  test.each([
    ['without any login', { kind: 'none' as const }, {}],
    ['with a Basic login', { kind: 'basic' as const, users }, login],
    ['with an anonymous token', { kind: 'bearer' as const, anonymousPull: true }, {}],
    ['with a token for a user', { kind: 'bearer' as const, users }, login],
    ['from Forgejo without a login', { kind: 'forgejo' as const, anonymousPull: true }, {}],
    ['from Forgejo with a login', { kind: 'forgejo' as const, users }, login],
  ])('is verified %s', async (_, auth, settings) => {
    const registry = await start({ auth })
    const report = await verifyImages([pushApp(registry)], { settings })
    expect([report.exitCode, causeIds(report), noteIds(report)]).toEqual([0, [], []])
    expect(registry.requests.map(({ path }) => path)).not.toContain('/v2/')
  })

  test('with 18 blobs needs one token and one challenged request', async () => {
    const registry = await start({ auth: { kind: 'bearer', users } })
    const report = await verifyImages([pushApp(registry)], { settings: login })
    expect(report).toMatchObject({ exitCode: 0, totals: { objects: 21 } })
    expect(tokenRequests(registry)).toBe(1)
    expect(registry.requests.filter(({ status }) => status === 401)).toHaveLength(1)
  })

  test('needs one token, however many of its tags are requested at once', async () => {
    const registry = await start({ auth: { kind: 'bearer', users } })
    pushApp(registry)
    const [digest] = registry.store
      .manifests('app')
      .map((manifest) => manifest.digest)
      .slice(-1)
    const tags = Array.from({ length: 16 }, (_, at) => `t${at}`)
    for (const tag of tags) registry.store.tag('app', tag, sure(digest))
    registry.faults.add({ path: '/token' }, { delayMs: 100 })
    const report = await verifyImages(
      tags.map((tag) => `${registry.host}/app:${tag}`),
      { settings: login },
    )
    expect(report.exitCode).toBe(0)
    expect(tokenRequests(registry)).toBe(1)
  })

  test('needs one token per repository', async () => {
    const registry = await start({ auth: { kind: 'bearer', users } })
    const images = ['one', 'two'].map((name) => pushApp(registry, name))
    expect((await verifyImages(images, { settings: login })).exitCode).toBe(0)
    expect(tokenRequests(registry)).toBe(2)
  })

  test('is verified with one new token and without a retry if all tokens expire during the run', async () => {
    const registry = await start({ auth: { kind: 'bearer', users } })
    const image = pushApp(registry)
    let revoked = false
    registry.faults.add({
      path: /\/blobs\//,
      when: () => {
        if (!revoked) registry.revokeTokens()
        revoked = true
        return false
      },
    })
    const report = await verifyImages([image], { settings: login })
    expect([report.exitCode, causeIds(report), noteIds(report)]).toEqual([0, [], []])
    expect(revoked).toBe(true)
    expect(tokenRequests(registry)).toBe(2)
    expect(report.hosts[0]?.retried).toBe(0)
  })

  test('reports every secret that was used or obtained, so that outputs can mask it', async () => {
    const basic = await start({ auth: { kind: 'basic', users } })
    const pair: string[] = []
    await verifyImages([pushApp(basic)], { settings: login, secrets: pair })
    expect(pair).toContain(Buffer.from(`ann:${users.ann}`).toString('base64'))

    const bearer = await start({ auth: { kind: 'bearer', users } })
    const tokens: string[] = []
    const sent = new Set<string>()
    const image = pushApp(bearer)
    bearer.faults.add({
      path: /\/v2\/app\//,
      when: ({ headers }) => {
        if (headers.authorization) sent.add(String(headers.authorization).replace('Bearer ', ''))
        return false
      },
    })
    await verifyImages([image], { settings: login, secrets: tokens })
    expect(sent.size).toBe(1)
    expect(tokens).toEqual(expect.arrayContaining([...sent]))
  })
})

describe('a login', () => {
  test('is sent only to the registry it is for', async () => {
    const registry = await start({ auth: { kind: 'none' } })
    const image = pushApp(registry)
    const logins = JSON.stringify([{ registry: 'other.test', ...login }])
    expect((await verifyImages([image], { settings: { logins } })).exitCode).toBe(0)
    expect(registry.requests.every(({ authorization }) => authorization === undefined)).toBe(true)
  })

  test('is sent only after a challenge', async () => {
    const registry = await start({ auth: { kind: 'bearer', users } })
    await verifyImages([pushApp(registry)], { settings: login })
    const [first, second, third] = registry.requests.map(({ authorization }) => authorization)
    expect([first, second, third]).toEqual([undefined, 'basic', 'bearer'])
  })
})
