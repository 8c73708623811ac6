import { createServer } from 'node:http'
import { describe, expect, test } from 'vitest'
import { image } from '../../../src/fake-registry/images/images.ts'
import type { EmbeddedRegistry } from '../../../src/fake-registry/registry.ts'
import { causeIds, verifyImages } from '../../support/verify.ts'
import { useRegistries, useServers } from '../kit.ts'
import { challenging, login, pushApp, users } from '../registry/people.ts'

const start = useRegistries()
const serve = useServers()

/** A JWT with the given claims; nobody looks at its signature. */
const jwt = (claims: object): string =>
  [{ alg: 'none' }, claims, {}]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')

/** A registry that wants more than the tokens of a server give, which answers `answer`. */
async function narrow(answer: object): Promise<{ registry: EmbeddedRegistry; image: string }> {
  const server = await serve(createServer((_, response) => response.end(JSON.stringify(answer))))
  const registry = await start()
  const image = pushApp(registry)
  const asking = `Bearer realm="http://${server.host}/token",service="s",scope="repository:app:pull"`
  const isAsked = (withToken: boolean) => ({
    path: /\/v2\/app\//,
    when: ({ headers }: { headers: Record<string, unknown> }) =>
      (headers.authorization !== undefined) === withToken,
  })
  registry.faults.add(isAsked(false), challenging(asking))
  registry.faults.add(isAsked(true), challenging(`${asking},error="insufficient_scope"`))
  return { registry, image }
}

describe('a token that is too narrow', () => {
  test.each([
    [
      'the access of a JWT',
      { token: jwt({ access: [{ type: 'repository', name: 'other', actions: ['pull', 'push'] }] }) },
      'repository:other:pull,push',
    ],
    ['a JWT that grants nothing', { token: jwt({ access: [] }) }, 'nothing'],
    ['its own scope', { token: 'opaque', scope: 'repository:app:metadata' }, 'repository:app:metadata'],
    [
      'its own scope before that of the JWT',
      { token: jwt({ access: [] }), scope: 'repository:app:push' },
      'repository:app:push',
    ],
  ])('is told with what was wanted and what was granted by %s', async (_, answer, granted) => {
    const { image } = await narrow(answer)
    const report = await verifyImages([image], { settings: login })
    expect([report.exitCode, causeIds(report)]).toEqual([3, ['insufficient-scope']])
    const [cause] = report.causes
    expect(cause?.findings[0]?.evidence).toEqual([
      'scope wanted: repository:app:pull',
      `scope granted: ${granted}`,
    ])
    expect(JSON.stringify(cause)).toContain('user “ann” (username and password)')
  })

  test.each([
    ['an opaque token', { token: 'opaque' }],
    ['a JWT without access', { token: jwt({ sub: 'ann' }) }],
    ['a JWT with access of another form', { token: jwt({ access: 'all' }) }],
    ['something with dots', { token: 'a.%%%.c' }],
    ['a scope that is no text', { token: 'a.b', scope: ['x'] }],
  ])('is told with what was wanted alone where %s tells no more', async (_, answer) => {
    const { image } = await narrow(answer)
    const report = await verifyImages([image], { settings: login })
    expect(report.causes[0]).toMatchObject({
      id: 'insufficient-scope',
      findings: [{ evidence: ['scope wanted: repository:app:pull'] }],
    })
  })

  test('without a login leaves open whether the image is there', async () => {
    const { image } = await narrow({ token: jwt({ access: [] }) })
    const report = await verifyImages([image])
    expect([report.exitCode, causeIds(report)]).toEqual([3, ['denied-or-missing']])
  })

  test('is asked for once, and no more', async () => {
    const { registry, image } = await narrow({ token: 'opaque' })
    await verifyImages([image], { settings: login })
    expect(registry.requests).toHaveLength(2)
  })
})

describe('a fresh token that is refused', () => {
  /** A registry that takes no token, with a clock that is ahead by some seconds. */
  async function refusing(aheadS: number): Promise<string> {
    const registry = await start({ auth: { kind: 'bearer', users, anonymousPull: true } })
    const image = pushApp(registry)
    registry.faults.add({ path: /\/v2\/app\// }, challenging(`Bearer realm="${registry.url}/token"`), {
      setHeader: { Date: new Date(Date.now() + aheadS * 1000).toUTCString() },
    })
    return image
  }

  test.each([
    ['ahead of', 300],
    ['behind', -300],
    ['ahead of', 86_400],
  ])('by a registry whose clock is %s ours by %i seconds is told as that', async (way, aheadS) => {
    const report = await verifyImages([await refusing(aheadS)], { settings: login })
    expect([report.exitCode, causeIds(report)]).toEqual([3, ['clock-skew']])
    const message = report.causes[0]?.findings[0]?.message ?? ''
    const seconds = Number(/clock is (\d+) s/.exec(message)?.[1])
    expect(message).toContain(` s ${way} ours`)
    expect(Math.abs(seconds - Math.abs(aheadS))).toBeLessThan(10)
  })

  test.each([-30, 0, 30])(
    'by a registry whose clock differs by %i seconds is no matter of clocks',
    async (aheadS) => {
      const report = await verifyImages([await refusing(aheadS)], { settings: login })
      expect([report.exitCode, causeIds(report)]).toEqual([3, ['access-denied']])
    },
  )

  test('by a registry that tells no time is no matter of clocks', async () => {
    const registry = await start({ auth: { kind: 'bearer', users } })
    const image = pushApp(registry)
    registry.faults.add({ path: /\/v2\/app\// }, challenging(`Bearer realm="${registry.url}/token"`), {
      setHeader: { Date: 'yesterday' },
    })
    expect(causeIds(await verifyImages([image], { settings: login }))).toEqual(['access-denied'])
  })

  test('without a login leaves open whether the image is there', async () => {
    const report = await verifyImages([await refusing(0)])
    expect([report.exitCode, causeIds(report)]).toEqual([3, ['denied-or-missing']])
  })
})

describe('an image that cannot be seen', () => {
  const manifests = { path: /\/manifests\// }
  const answer = (status: number, code: string) => ({ status, body: { errors: [{ code, message: 'no' }] } })

  test.each([
    ['403 DENIED', 403, 'DENIED', ['denied-or-missing'], 3],
    ['404 NAME_UNKNOWN', 404, 'NAME_UNKNOWN', ['denied-or-missing'], 3],
    ['404 without a code', 404, '', ['denied-or-missing'], 3],
    ['404 MANIFEST_UNKNOWN', 404, 'MANIFEST_UNKNOWN', ['tag-missing'], 1],
  ])('for %s without a login', async (_, status, code, causes, exitCode) => {
    const registry = await start({ auth: { kind: 'bearer', anonymousPull: true } })
    const image = pushApp(registry)
    registry.faults.add(
      { ...manifests, when: ({ headers }) => headers.authorization !== undefined },
      answer(status, code),
    )
    const report = await verifyImages([image])
    expect([report.exitCode, causeIds(report)]).toEqual([exitCode, causes])
  })

  test.each([
    ['403 DENIED', 403, 'DENIED', ['access-denied'], 3],
    ['404 NAME_UNKNOWN', 404, 'NAME_UNKNOWN', ['tag-missing'], 1],
    ['404 MANIFEST_UNKNOWN', 404, 'MANIFEST_UNKNOWN', ['tag-missing'], 1],
  ])('for %s with a login', async (_, status, code, causes, exitCode) => {
    const registry = await start({ auth: { kind: 'bearer', users } })
    const image = pushApp(registry)
    registry.faults.add(
      { ...manifests, when: ({ headers }) => headers.authorization !== undefined },
      answer(status, code),
    )
    const report = await verifyImages([image], { settings: login })
    expect([report.exitCode, causeIds(report)]).toEqual([exitCode, causes])
  })

  test('for 403 is denied or missing on a registry that never asks for a login', async () => {
    const registry = await start()
    const image = pushApp(registry)
    registry.faults.add(manifests, answer(403, 'DENIED'))
    const report = await verifyImages([image])
    expect([report.exitCode, causeIds(report)]).toEqual([3, ['denied-or-missing']])
    expect(JSON.stringify(report)).toContain('no credentials were sent')
  })

  test('for 404 is missing on a registry that is open to all', async () => {
    const registry = await start()
    pushApp(registry)
    for (const tag of [`${registry.host}/app:none`, `${registry.host}/none:1`]) {
      const report = await verifyImages([tag])
      expect([report.exitCode, causeIds(report)]).toEqual([1, ['tag-missing']])
    }
  })

  test('for 401 of one blob alone does not fail the image', async () => {
    const registry = await start({ auth: { kind: 'bearer', users, anonymousPull: true } })
    const built = image('linux/amd64')
    registry.store.push('app', [...built.blobs, built.manifest], '1')
    registry.faults.add({ digest: built.config.digest }, challenging(`Bearer realm="${registry.url}/token"`))
    const report = await verifyImages([`${registry.host}/app:1`])
    expect([report.exitCode, causeIds(report)]).toEqual([3, ['denied-or-missing']])
    expect(report.totals).toMatchObject({ objects: 3, seen: 2 })
  })
})
