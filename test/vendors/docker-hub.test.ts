import { http } from 'msw/http'
import { describe, expect, test, vi } from 'vitest'
import { parseAuthFile } from '../../src/observe/credentials/auth-file.ts'
import { renderPlain } from '../../src/outputs/terminal/plain.ts'
import { causeIds, verifyImages } from '../support/verify.ts'
import {
  challenge,
  healthy,
  type ReceivedRequest,
  redirect,
  refusal,
  signedStorage,
  signedUrl,
  tokenOf,
  userOf,
  useVendors,
  type Vendor,
  verifyImage,
} from './vendor.ts'

// The real names; they resolve to loopback addresses that nothing listens on.
const addresses = vi.hoisted(() => ({
  'registry-1.docker.io': '127.0.0.61',
  'auth.docker.io': '127.0.0.62',
  'production.cloudflare.docker.com': '127.0.0.63',
}))
vi.mock('node:dns/promises', async (original) => ({
  ...(await original<typeof import('node:dns/promises')>()),
  lookup: async (name: keyof typeof addresses) => [{ address: addresses[name], family: 4 }],
}))

const serve = useVendors()
const hub = 'registry-1.docker.io'
const auth = 'auth.docker.io'
const storage = 'production.cloudflare.docker.com'
const realm = `http://${auth}/token`
const good = { username: 'ann', password: 'dckr_pat_good' }
// Without TLS the names need no certificates.
const plain = { insecure: 'true' }

const limits = (remaining: number) => ({
  'ratelimit-limit': '100;w=21600',
  'ratelimit-remaining': `${remaining};w=21600`,
  'docker-ratelimit-source': '192.0.2.1',
})

type Hub = { open?: boolean; may?: string[]; remaining?: number; name?: string; change?: Vendor }

const reached = 'You have reached your pull rate limit.'

/**
 * Docker Hub: another host issues tokens to everyone, with the granted access in their claims; every GET of a manifest takes one of
 * the `remaining` requests, HEAD takes none.
 */
function dockerHub({
  open = true,
  may = ['ann'],
  remaining = 76,
  name = 'library/app',
  change,
}: Hub = {}): Vendor {
  let left = remaining
  const grant = (user: string) => (open || may.includes(user) ? 'pull' : '')
  return {
    host: addresses[hub],
    name,
    ...change,
    before: (request, about) => {
      const scope = `repository:${about.name}:pull`
      const service = `Bearer realm="${realm}",service="registry.docker.io",scope="${scope}"`
      const token = tokenOf(request)
      if (!token) return challenge(service)
      const granted = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')
      if (!granted.includes(`"${about.name}"`)) return challenge(`${service},error="insufficient_scope"`)
      const early = change?.before?.(request, about)
      if (early) return early
      if (about.kind === 'manifests' && about.method === 'GET' && left === 0)
        return refusal(429, 'TOOMANYREQUESTS', reached, { ...limits(0), 'retry-after': '21600' })
      return about.kind === 'blobs' ? redirect(signedUrl(about, storage)) : undefined
    },
    after: (answer, _, { kind, method }) => {
      if (kind !== 'manifests') return answer
      if (method === 'GET') left -= 1
      for (const [header, value] of Object.entries(limits(left))) answer.headers.set(header, value)
      return answer
    },
    others: [
      signedStorage(addresses[storage]),
      http.get(`http://${addresses[auth]}/token`, ({ request }) => {
        const user = userOf(request)
        if (user && user.password !== good.password) {
          return Response.json({ details: 'incorrect username or password' }, { status: 401 })
        }
        const name = new URL(request.url).searchParams.get('scope')?.split(':')[1] ?? ''
        const actions = grant(user?.user ?? '')
        const access = actions ? [{ type: 'repository', name, actions: [actions] }] : []
        const token = `e30.${Buffer.from(JSON.stringify({ access })).toString('base64url')}.c2ln`
        return Response.json({
          token,
          access_token: token,
          expires_in: 300,
          issued_at: '2026-01-01T00:00:00Z',
        })
      }),
    ],
  }
}

describe('Docker Hub', () => {
  test.each(['app:1', 'library/app:1', 'docker.io/library/app:1', 'index.docker.io/app:1'])(
    'serves an official image under the name %s',
    async (image) => {
      const received = await serve(dockerHub())
      const { verdict, report } = await verifyImage(plain, image)
      expect(verdict).toEqual([0, [], []])
      expect(report.hosts.map(({ host }) => host).toSorted()).toEqual([auth, storage, hub])
      const [token] = received.filter(({ host }) => host === addresses[auth])
      expect(token?.path).toContain(`scope=${encodeURIComponent('repository:library/app:pull')}`)
      expect(token?.path).toContain('service=registry.docker.io')
    },
  )

  test('serves a private image to a login with one token, which no other host gets', async () => {
    const received = await serve(dockerHub({ open: false, name: 'ann/app' }))
    expect((await verifyImage({ ...plain, ...good }, 'ann/app:1')).verdict).toEqual([0, [], []])
    expect(received.filter(({ host }) => host === addresses[auth])).toHaveLength(1)
    expect(
      received.filter(({ host, headers }) => host === addresses[storage] && headers.has('authorization')),
    ).toEqual([])
  })

  test('finds a login under the old URL that tools write', async () => {
    await serve(dockerHub({ open: false, name: 'ann/app' }))
    const pair = Buffer.from(`ann:${good.password}`).toString('base64')
    const auth = parseAuthFile(JSON.stringify({ auths: { 'https://index.docker.io/v1/': { auth: pair } } }))
    if (!auth) throw new Error('not an auth file')
    const authSources = [{ from: 'config.json', auth }]
    const report = await verifyImages(['ann/app:1'], { settings: plain, authSources })
    expect([report.exitCode, causeIds(report)]).toEqual([0, []])
  })

  /** The requests that count against the limit. */
  const counted = (received: ReceivedRequest[]): string[] =>
    received.flatMap(({ method, path, status }) =>
      method === 'GET' && status === 200 && path.includes('/manifests/') ? [path] : [],
    )
  const manifests = healthy.contents.filter(({ kind }) => kind === 'manifest')

  test.each([
    ['a tag', ['app:1']],
    [
      'several tags of one digest, and the digest',
      ['app:1', 'app:latest', `app@${healthy.index.manifest.digest}`],
    ],
    ['an index and an image in it', ['app:1', `app@${healthy.images[0]?.manifest.digest}`]],
  ])('counts every manifest once for %s, and the report has the rest of the limit', async (_, images) => {
    const { digest } = healthy.index.manifest
    const received = await serve(dockerHub({ change: { tags: { 1: digest, latest: digest } } }))
    const { verdict, report } = await verifyImage(plain, images.join(','))
    expect(verdict).toEqual([0, [], []])
    expect(counted(received).toSorted()).toEqual(
      manifests.map((one) => `/v2/library/app/manifests/${one.digest}`).toSorted(),
    )
    const left = 76 - manifests.length
    expect(report.hosts.find(({ host }) => host === hub)?.rateLimit).toEqual({ limit: 100, remaining: left })
    expect(
      renderPlain(report)
        .map((entry) => JSON.stringify(entry))
        .join(),
    ).toContain(`${left} of 100 requests left`)
  })

  test('counts no further manifest with also_anonymous', async () => {
    const received = await serve(dockerHub())
    const { verdict } = await verifyImage({ ...plain, ...good, also_anonymous: 'true' }, 'app:1')
    expect(verdict).toEqual([0, [], []])
    expect(counted(received)).toHaveLength(manifests.length)
  })

  test('with just enough of its rate limit left has a note', async () => {
    const received = await serve(dockerHub({ remaining: manifests.length }))
    const { verdict, text } = await verifyImage(plain, 'app:1')
    expect(verdict).toEqual([0, [], ['rate-limit-low']])
    expect(text).toContain('0 of 100 requests left')
    expect(counted(received)).toHaveLength(manifests.length)
  })

  test('with too little of its rate limit left is requested by HEAD for the rest', async () => {
    const received = await serve(dockerHub({ remaining: manifests.length - 1 }))
    const { verdict, text } = await verifyImage(plain, 'app:1')
    expect(verdict).toEqual([3, ['rate-limited'], ['rate-limit-low']])
    expect(text).toContain('it is listed (HEAD), but was not read: 3 of 100 requests left, but 4 are needed')
    expect(counted(received)).toEqual([`/v2/library/app/manifests/${healthy.index.manifest.digest}`])
    expect(received.filter(({ status }) => status === 429)).toEqual([])
  })

  test('with too little of its rate limit left still has missing images reported', async () => {
    const gone = healthy.images[1]?.manifest.digest
    const contents = healthy.contents.filter(({ digest }) => digest !== gone)
    const received = await serve(dockerHub({ remaining: 2, change: { contents } }))
    const { report, verdict } = await verifyImage(plain, 'app:1')
    expect(verdict).toEqual([1, ['orphaned-index', 'rate-limited'], ['rate-limit-low']])
    expect(report.causes[0]?.findings.map(({ digest }) => digest)).toContain(gone)
    expect(counted(received)).toHaveLength(1)
  })

  test('with nothing of its rate limit left gets no counted request', async () => {
    const received = await serve(dockerHub({ remaining: 0 }))
    const { verdict, text } = await verifyImage(plain, 'app:1')
    expect(verdict).toEqual([3, ['rate-limited'], ['rate-limit-low']])
    expect(text).toContain('it was not read: 0 of 100 requests left, but 1 is needed')
    expect(received.filter(({ method, path }) => method === 'GET' && path.includes('/manifests/'))).toEqual(
      [],
    )
  })

  test('with its limit exceeded is rate-limited, and the image is unknown', async () => {
    const message = reached
    const headers = { ...limits(0), 'retry-after': '21600' }
    const before = () => refusal(429, 'TOOMANYREQUESTS', message, headers)
    const received = await serve(dockerHub({ change: { before } }))
    const { verdict, text } = await verifyImage(plain, 'app:1')
    expect(verdict).toEqual([3, ['rate-limited'], ['rate-limit-low']])
    for (const part of ['RateLimit-Remaining: 0;w=21600', 'retry after 21600 s']) expect(text).toContain(part)
    expect(received.filter(({ status }) => status === 429)).toHaveLength(1)
  })

  test('issues an anonymous token without access to a private image', async () => {
    await serve(dockerHub({ open: false, name: 'ann/app' }))
    expect((await verifyImage(plain, 'ann/app:1')).verdict).toEqual([3, ['denied-or-missing'], []])
  })

  test('issues another account a token without access, and the granted scope is evidence', async () => {
    await serve(dockerHub({ open: false, may: [], name: 'ben/app' }))
    const { verdict, text } = await verifyImage({ ...plain, ...good }, 'ben/app:1')
    expect(verdict).toEqual([3, ['insufficient-scope'], []])
    expect(text).toContain('required scope: repository:ben/app:pull')
    expect(text).toContain('granted scope: nothing')
  })

  test('refuses a wrong password, which is not printed', async () => {
    await serve(dockerHub())
    const { verdict, text } = await verifyImage(
      { ...plain, username: 'ann', password: 'dckr_pat_bad' },
      'app:1',
    )
    expect(verdict).toEqual([3, ['bad-credentials'], []])
    expect(text).toContain('incorrect username or password')
    expect(text).not.toContain('dckr_pat_bad')
  })

  test('has no such tag', async () => {
    await serve(dockerHub({ change: { tags: { latest: 'sha256:0' } } }))
    expect((await verifyImage(plain, 'app:1')).verdict).toEqual([1, ['tag-missing'], []])
  })
})
