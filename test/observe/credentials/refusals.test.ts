import { createServer } from 'node:http'
import { describe, expect, test } from 'vitest'
import { image } from '../../../src/fake-registry/images/images.ts'
import type { EmbeddedRegistry } from '../../../src/fake-registry/registry.ts'
import { causeIds, verifyImages } from '../../support/verify.ts'
import { useRegistries, useServers } from '../kit.ts'
import { challenging, login, pushApp, users } from '../registry/people.ts'

const start = useRegistries()
const serve = useServers()

/** A JWT with these claims; its signature is never verified. */
const jwt = (claims: object): string =>
  [{ alg: 'none' }, claims, {}]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')

/** A registry that requires more than the tokens of its server grant; the token server returns `answer`. */
async function registryWithNarrowToken(
  answer: object,
): Promise<{ registry: EmbeddedRegistry; image: string }> {
  const server = await serve(createServer((_, response) => response.end(JSON.stringify(answer))))
  const registry = await start()
  const image = pushApp(registry)
  const challenge = `Bearer realm="http://${server.host}/token",service="s",scope="repository:app:pull"`
  const requests = (withToken: boolean) => ({
    path: /\/v2\/app\//,
    when: ({ headers }: { headers: Record<string, unknown> }) =>
      (headers.authorization !== undefined) === withToken,
  })
  registry.faults.add(requests(false), challenging(challenge))
  registry.faults.add(requests(true), challenging(`${challenge},error="insufficient_scope"`))
  return { registry, image }
}

describe('a token with too narrow a scope', () => {
  test.each([
    [
      'the access of a JWT',
      { token: jwt({ access: [{ type: 'repository', name: 'other', actions: ['pull', 'push'] }] }) },
      'repository:other:pull,push',
    ],
    ['a JWT that grants nothing', { token: jwt({ access: [] }) }, 'nothing'],
    ['its own scope', { token: 'opaque', scope: 'repository:app:metadata' }, 'repository:app:metadata'],
    [
      'that of a JWT before its own scope',
      { token: jwt({ access: [] }), scope: 'repository:app:push' },
      'nothing',
    ],
  ])('has the required scope as evidence, and the granted one from %s', async (_, answer, granted) => {
    const { image } = await registryWithNarrowToken(answer)
    const report = await verifyImages([image], { settings: login })
    expect([report.exitCode, causeIds(report)]).toEqual([3, ['insufficient-scope']])
    const [cause] = report.causes
    expect(cause?.findings[0]?.evidence).toEqual([
      'required scope: repository:app:pull',
      `granted scope: ${granted}`,
    ])
    expect(JSON.stringify(cause)).toContain('user “ann” (from username and password)')
  })

  test.each([
    ['an opaque token', { token: 'opaque' }],
    ['a JWT without access', { token: jwt({ sub: 'ann' }) }],
    ['a JWT with access of another form', { token: jwt({ access: 'all' }) }],
    ['a text with dots', { token: 'a.%%%.c' }],
    ['a scope that is not a string', { token: 'a.b', scope: ['x'] }],
  ])('has only the required scope as evidence for %s', async (_, answer) => {
    const { image } = await registryWithNarrowToken(answer)
    const report = await verifyImages([image], { settings: login })
    expect(report.causes[0]).toMatchObject({
      id: 'insufficient-scope',
      findings: [{ evidence: ['required scope: repository:app:pull'] }],
    })
  })

  test('without a login is denied-or-missing', async () => {
    const { image } = await registryWithNarrowToken({ token: jwt({ access: [] }) })
    const report = await verifyImages([image])
    expect([report.exitCode, causeIds(report)]).toEqual([3, ['denied-or-missing']])
  })

  test('is requested once only', async () => {
    const { registry, image } = await registryWithNarrowToken({ token: 'opaque' })
    await verifyImages([image], { settings: login })
    expect(registry.requests).toHaveLength(2)
  })
})

describe('a new token that is rejected', () => {
  /** An image of a registry that rejects every token, with a clock that is this many seconds ahead. */
  async function rejecting(aheadS: number): Promise<string> {
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
  ])('by a registry whose clock is %s this machine’s by %i seconds is clock-skew', async (way, aheadS) => {
    const report = await verifyImages([await rejecting(aheadS)], { settings: login })
    expect([report.exitCode, causeIds(report)]).toEqual([3, ['clock-skew']])
    const message = report.causes[0]?.findings[0]?.message ?? ''
    const seconds = Number(/clock is (\d+) s/.exec(message)?.[1])
    expect(message).toContain(` s ${way} this machine's`)
    expect(Math.abs(seconds - Math.abs(aheadS))).toBeLessThan(10)
  })

  test.each([-30, 0, 30])(
    'by a registry whose clock differs by %i seconds is access-denied',
    async (aheadS) => {
      const report = await verifyImages([await rejecting(aheadS)], { settings: login })
      expect([report.exitCode, causeIds(report)]).toEqual([3, ['access-denied']])
    },
  )

  test('by a registry without a Date is access-denied', async () => {
    const registry = await start({ auth: { kind: 'bearer', users } })
    const image = pushApp(registry)
    registry.faults.add({ path: /\/v2\/app\// }, challenging(`Bearer realm="${registry.url}/token"`), {
      setHeader: { Date: 'yesterday' },
    })
    expect(causeIds(await verifyImages([image], { settings: login }))).toEqual(['access-denied'])
  })

  test('without a login is denied-or-missing', async () => {
    const report = await verifyImages([await rejecting(0)])
    expect([report.exitCode, causeIds(report)]).toEqual([3, ['denied-or-missing']])
  })
})

describe('a refusal', () => {
  const manifests = { path: /\/manifests\// }
  const answer = (status: number, code: string) => ({ status, body: { errors: [{ code, message: 'no' }] } })

  test.each([
    ['403 DENIED', 403, 'DENIED', ['denied-or-missing'], 3],
    ['404 NAME_UNKNOWN', 404, 'NAME_UNKNOWN', ['denied-or-missing'], 3],
    ['404 without a code', 404, '', ['not-a-registry'], 3],
    ['404 MANIFEST_UNKNOWN', 404, 'MANIFEST_UNKNOWN', ['tag-missing'], 1],
  ])('with %s and no login', async (_, status, code, causes, exitCode) => {
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
  ])('with %s and a login', async (_, status, code, causes, exitCode) => {
    const registry = await start({ auth: { kind: 'bearer', users } })
    const image = pushApp(registry)
    registry.faults.add(
      { ...manifests, when: ({ headers }) => headers.authorization !== undefined },
      answer(status, code),
    )
    const report = await verifyImages([image], { settings: login })
    expect([report.exitCode, causeIds(report)]).toEqual([exitCode, causes])
  })

  test('with 403 is denied-or-missing on a registry that never challenges', async () => {
    const registry = await start()
    const image = pushApp(registry)
    registry.faults.add(manifests, answer(403, 'DENIED'))
    const report = await verifyImages([image])
    expect([report.exitCode, causeIds(report)]).toEqual([3, ['denied-or-missing']])
    expect(JSON.stringify(report)).toContain('no credentials were sent')
  })

  test('with 404 is tag-missing on a registry without authentication', async () => {
    const registry = await start()
    pushApp(registry)
    for (const tag of [`${registry.host}/app:none`, `${registry.host}/none:1`]) {
      const report = await verifyImages([tag])
      expect([report.exitCode, causeIds(report)]).toEqual([1, ['tag-missing']])
    }
  })

  test('with 401 for one blob does not keep the others from being verified', async () => {
    const registry = await start({ auth: { kind: 'bearer', users, anonymousPull: true } })
    const built = image('linux/amd64')
    registry.store.push('app', [...built.blobs, built.manifest], '1')
    registry.faults.add({ digest: built.config.digest }, challenging(`Bearer realm="${registry.url}/token"`))
    const report = await verifyImages([`${registry.host}/app:1`])
    expect([report.exitCode, causeIds(report)]).toEqual([3, ['denied-or-missing']])
    expect(report.totals).toMatchObject({ objects: 3, seen: 2 })
  })
})
