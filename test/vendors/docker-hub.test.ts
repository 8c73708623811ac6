import { http } from 'msw/http'
import { describe, expect, test, vi } from 'vitest'
import { parseAuthFile } from '../../src/observe/credentials/auth-file.ts'
import { renderPlain } from '../../src/outputs/terminal/plain.ts'
import { causeIds, verifyImages } from '../support/verify.ts'
import {
  type Arrived,
  challenge,
  healthy,
  look,
  redirect,
  refusal,
  signedPlace,
  signedStorage,
  tokenOf,
  userOf,
  useVendors,
  type Vendor,
} from './vendor.ts'

// The names are the real ones; they lead to addresses of this machine that nobody listens on.
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
// Without TLS no certificate is needed for the names.
const plain = { insecure: 'true' }

const limits = (remaining: number) => ({
  'ratelimit-limit': '100;w=21600',
  'ratelimit-remaining': `${remaining};w=21600`,
  'docker-ratelimit-source': '192.0.2.1',
})

type Hub = { open?: boolean; may?: string[]; remaining?: number; name?: string; change?: Vendor }

const reached = 'You have reached your pull rate limit.'

/**
 * Docker Hub: tokens of another host for everybody, that say in their claims what they are good for; every GET of a manifest is
 * one less of what `remaining` allows, HEAD is free.
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
      return about.kind === 'blobs' ? redirect(signedPlace(about, storage)) : undefined
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
        const asked = new URL(request.url).searchParams.get('scope')?.split(':')[1] ?? ''
        const actions = grant(user?.user ?? '')
        const access = actions ? [{ type: 'repository', name: asked, actions: [actions] }] : []
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
    'serves an official image that is called %s',
    async (image) => {
      const arrived = await serve(dockerHub())
      const { verdict, report } = await look(plain, image)
      expect(verdict).toEqual([0, [], []])
      expect(report.hosts.map(({ host }) => host).toSorted()).toEqual([auth, storage, hub])
      const [token] = arrived.filter(({ host }) => host === addresses[auth])
      expect(token?.path).toContain(`scope=${encodeURIComponent('repository:library/app:pull')}`)
      expect(token?.path).toContain('service=registry.docker.io')
    },
  )

  test('serves a private image to a login, with one token, that no other host sees', async () => {
    const arrived = await serve(dockerHub({ open: false, name: 'ann/app' }))
    expect((await look({ ...plain, ...good }, 'ann/app:1')).verdict).toEqual([0, [], []])
    expect(arrived.filter(({ host }) => host === addresses[auth])).toHaveLength(1)
    expect(
      arrived.filter(({ host, headers }) => host === addresses[storage] && headers.has('authorization')),
    ).toEqual([])
  })

  test('finds a login under the old address that every tool writes', async () => {
    await serve(dockerHub({ open: false, name: 'ann/app' }))
    const pair = Buffer.from(`ann:${good.password}`).toString('base64')
    const auth = parseAuthFile(JSON.stringify({ auths: { 'https://index.docker.io/v1/': { auth: pair } } }))
    if (!auth) throw new Error('the file is not read')
    const authSources = [{ from: 'config.json', auth }]
    const report = await verifyImages(['ann/app:1'], { settings: plain, authSources })
    expect([report.exitCode, causeIds(report)]).toEqual([0, []])
  })

  /** The manifests that were counted, of an index, two images and two attestations. */
  const counted = (arrived: Arrived[]): string[] =>
    arrived.flatMap(({ method, path, status }) =>
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
  ])('counts every manifest once for %s, and says what is left', async (_, images) => {
    const { digest } = healthy.index.manifest
    const arrived = await serve(dockerHub({ change: { tags: { 1: digest, latest: digest } } }))
    const { verdict, report } = await look(plain, images.join(','))
    expect(verdict).toEqual([0, [], []])
    expect(counted(arrived).toSorted()).toEqual(
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

  test('is not asked for a manifest more where it must be public, too', async () => {
    const arrived = await serve(dockerHub())
    const { verdict } = await look({ ...plain, ...good, also_anonymous: 'true' }, 'app:1')
    expect(verdict).toEqual([0, [], []])
    expect(counted(arrived)).toHaveLength(manifests.length)
  })

  test('has just enough left of its rate limit, which is noted', async () => {
    const arrived = await serve(dockerHub({ remaining: manifests.length }))
    const { verdict, words } = await look(plain, 'app:1')
    expect(verdict).toEqual([0, [], ['rate-limit-low']])
    expect(words).toContain('0 of 100 requests are left')
    expect(counted(arrived)).toHaveLength(manifests.length)
  })

  test('has too little left of it, and is asked with HEAD for what does not fit', async () => {
    const arrived = await serve(dockerHub({ remaining: manifests.length - 1 }))
    const { verdict, words } = await look(plain, 'app:1')
    expect(verdict).toEqual([3, ['rate-limited'], ['rate-limit-low']])
    expect(words).toContain(
      'it is listed (HEAD), but was not read: 3 of 100 requests are left, but 4 are needed',
    )
    expect(counted(arrived)).toEqual([`/v2/library/app/manifests/${healthy.index.manifest.digest}`])
    expect(arrived.filter(({ status }) => status === 429)).toEqual([])
  })

  test('has too little left of it, and loses no image unseen', async () => {
    const gone = healthy.images[1]?.manifest.digest
    const contents = healthy.contents.filter(({ digest }) => digest !== gone)
    const arrived = await serve(dockerHub({ remaining: 2, change: { contents } }))
    const { report, verdict } = await look(plain, 'app:1')
    expect(verdict).toEqual([1, ['orphaned-index', 'rate-limited'], ['rate-limit-low']])
    expect(report.causes[0]?.findings.map(({ digest }) => digest)).toContain(gone)
    expect(counted(arrived)).toHaveLength(1)
  })

  test('has nothing left of it, which HEAD tells, and nothing is asked that counts', async () => {
    const arrived = await serve(dockerHub({ remaining: 0 }))
    const { verdict, words } = await look(plain, 'app:1')
    expect(verdict).toEqual([3, ['rate-limited'], ['rate-limit-low']])
    expect(words).toContain('it was not read: 0 of 100 requests are left, but 1 is needed')
    expect(arrived.filter(({ method, path }) => method === 'GET' && path.includes('/manifests/'))).toEqual([])
  })

  test('refuses everything for its limit, and nothing is said of the image', async () => {
    const message = reached
    const headers = { ...limits(0), 'retry-after': '21600' }
    const before = () => refusal(429, 'TOOMANYREQUESTS', message, headers)
    const arrived = await serve(dockerHub({ change: { before } }))
    const { verdict, words } = await look(plain, 'app:1')
    expect(verdict).toEqual([3, ['rate-limited'], ['rate-limit-low']])
    for (const said of ['RateLimit-Remaining 0;w=21600', 'asks to wait 21600 s'])
      expect(words).toContain(said)
    expect(arrived.filter(({ status }) => status === 429)).toHaveLength(1)
  })

  test('gives a stranger a token that opens nothing, and tells nothing of a private image', async () => {
    await serve(dockerHub({ open: false, name: 'ann/app' }))
    expect((await look(plain, 'ann/app:1')).verdict).toEqual([3, ['denied-or-missing'], []])
  })

  test('gives another account a token that opens nothing, and what was granted is told', async () => {
    await serve(dockerHub({ open: false, may: [], name: 'ben/app' }))
    const { verdict, words } = await look({ ...plain, ...good }, 'ben/app:1')
    expect(verdict).toEqual([3, ['insufficient-scope'], []])
    expect(words).toContain('scope wanted: repository:ben/app:pull')
    expect(words).toContain('scope granted: nothing')
  })

  test('refuses a wrong password, which is not repeated', async () => {
    await serve(dockerHub())
    const { verdict, words } = await look({ ...plain, username: 'ann', password: 'dckr_pat_bad' }, 'app:1')
    expect(verdict).toEqual([3, ['bad-credentials'], []])
    expect(words).toContain('incorrect username or password')
    expect(words).not.toContain('dckr_pat_bad')
  })

  test('knows no such tag', async () => {
    await serve(dockerHub({ change: { tags: { latest: 'sha256:0' } } }))
    expect((await look(plain, 'app:1')).verdict).toEqual([1, ['tag-missing'], []])
  })
})
