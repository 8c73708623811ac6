import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { ClusterAccess } from '../../../src/observe/cluster/access.ts'
import { openApi } from '../../../src/observe/cluster/api.ts'
import { listAll } from '../../../src/observe/cluster/list.ts'
import { readCluster } from '../../../src/observe/cluster/read-cluster.ts'
import { type Authority, createAuthority } from '../../support/certs.ts'
import { type FakeCluster, startFakeApi } from '../../support/cluster/fake-api.ts'
import { fetchFailed, fluxItem } from '../../support/cluster/flux-objects.ts'
import { backOff, eventOf, failedPull, nodeOf, podOf, resolveError } from '../../support/cluster/objects.ts'
import { externalSecret, updateFailed } from '../../support/cluster/secret-objects.ts'

const open: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of open.splice(0)) await close()
})

const secrets: string[] = []

async function apiOf(
  cluster: FakeCluster,
  change: Partial<ClusterAccess> = {},
  now: () => number = Date.now,
  signal = new AbortController().signal,
) {
  const server = await startFakeApi(cluster)
  const access: ClusterAccess = {
    server: new URL(server.url),
    from: 'test',
    tls: { skipVerify: false },
    auth: { kind: 'none' },
    ...change,
  }
  const api = openApi(access, {
    env: { PATH: process.env.PATH },
    signal,
    now,
    keepSecret: (one) => secrets.push(one),
    userAgent: 'test',
    limits: { retryMs: 1, headersMs: 500 },
  })
  open.push(api.close, server.close)
  return { api, server }
}

const pods = (many: number) => Array.from({ length: many }, (_, at) => podOf({ name: `p-${at}` }))

async function names(cluster: FakeCluster) {
  const { api, server } = await apiOf(cluster)
  let seen: string[] = []
  const listed = await listAll(
    api,
    '/api/v1/pods',
    {},
    {
      start: () => {
        seen = []
      },
      item: (item) => seen.push((item as { metadata: { name: string } }).metadata.name),
    },
  )
  return { listed, seen, requests: server.requests }
}

describe('lists', () => {
  test('are read page by page, each item once', async () => {
    const { listed, seen, requests } = await names({ lists: { '/api/v1/pods': pods(1203) } })
    expect(listed).toEqual({ ok: true, count: 1203 })
    expect(new Set(seen).size).toBe(1203)
    expect(requests).toEqual([
      '/api/v1/pods?limit=500',
      '/api/v1/pods?limit=500&continue=500',
      '/api/v1/pods?limit=500&continue=1000',
    ])
  })

  test('begin anew where the server forgot the place, and count nothing twice', async () => {
    const { listed, seen } = await names({ lists: { '/api/v1/pods': pods(700) }, expires: 2 })
    expect(listed).toEqual({ ok: true, count: 700 })
    expect(seen).toHaveLength(700)
  })

  test('are given up where that never ends', async () => {
    const { listed } = await names({ lists: { '/api/v1/pods': pods(700) }, expires: 99 })
    expect(listed).toMatchObject({ ok: false, failure: { kind: 'expired', status: 410 } })
  })

  test('whose pages do not go on do not run for ever', async () => {
    const { listed } = await names({
      lists: {},
      instead: (_, response) => {
        response.end(JSON.stringify({ metadata: { continue: 'again' }, items: [] }))
        return true
      },
    })
    expect(listed).toMatchObject({ ok: false, failure: { kind: 'invalid' } })
  })
})

describe('what an API server answers', () => {
  const answerOf = async (cluster: FakeCluster, path = '/api/v1/pods') => (await apiOf(cluster)).api.get(path)

  test('401, 403 and 404 are values, with the message of the server', async () => {
    expect(await answerOf({ lists: {}, token: 'right' })).toMatchObject({
      ok: false,
      failure: { kind: 'unauthorized', status: 401 },
    })
    expect(await answerOf({ lists: { '/api/v1/pods': [] }, forbids: () => true })).toMatchObject({
      ok: false,
      failure: {
        kind: 'forbidden',
        why: 'HTTP 403: pods is forbidden: User "ci" cannot list resource "pods" in API group "" at the cluster scope',
      },
    })
    expect(await answerOf({ lists: {} }, '/apis/none.example.com/v1/things')).toMatchObject({
      ok: false,
      failure: { kind: 'not-found', why: 'HTTP 404' },
    })
  })

  test('a page of HTML is no Kubernetes API', async () => {
    const page = await answerOf({
      lists: {},
      instead: (_, response) => {
        response.end('<html>login</html>')
        return true
      },
    })
    expect(page).toMatchObject({
      ok: false,
      failure: { kind: 'invalid', why: expect.stringContaining('no Kubernetes API') },
    })
  })

  test('throttling is waited for, a few times', async () => {
    let asked = 0
    const cluster: FakeCluster = {
      lists: { '/api/v1/pods': [] },
      instead: (_, response) => {
        asked += 1
        if (asked > 2) return false
        response.writeHead(429).end()
        return true
      },
    }
    expect(await answerOf(cluster)).toMatchObject({ ok: true })
    expect(asked).toBe(3)
  })

  test('a server that does not answer is given up', async () => {
    expect(await answerOf({ lists: {}, instead: () => true })).toMatchObject({
      ok: false,
      failure: { kind: 'timeout' },
    })
  })

  test('a server that is gone is said to be unreachable', async () => {
    const { api, server } = await apiOf({ lists: {} })
    await server.close()
    expect(await api.get('/version')).toMatchObject({
      ok: false,
      failure: { kind: 'unreachable', why: expect.stringContaining('connection refused') },
    })
  })

  test('the time is that of the server', async () => {
    const { api } = await apiOf({ lists: {} }, {}, () => 0)
    await api.get('/version')
    expect(api.serverTime()).toBeGreaterThan(Date.parse('2026-01-01'))
  })
})

describe('credentials', () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'regguard-kube-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  test('a token file is read again after a minute, and at once after it was refused', async () => {
    const path = join(folder, 'token')
    await writeFile(path, 'first\n')
    let time = 0
    const cluster: FakeCluster = { lists: {}, token: 'first' }
    const { api } = await apiOf(cluster, { auth: { kind: 'token-file', path } }, () => time)
    expect(await api.get('/version')).toMatchObject({ ok: true })
    await writeFile(path, 'second\n')
    cluster.token = 'second'
    expect(await api.get('/version')).toMatchObject({ ok: true })
    await writeFile(path, 'third\n')
    time += 61_000
    cluster.token = 'third'
    expect(await api.get('/version')).toMatchObject({ ok: true })
    expect(secrets).toEqual(expect.arrayContaining(['first', 'second', 'third']))
  })

  const plugin = async (name: string, script: string) => {
    const path = join(folder, name)
    await writeFile(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 })
    return apiOf(
      { lists: {}, token: 'from-plugin' },
      {
        auth: {
          kind: 'exec',
          folder,
          entry: {
            apiVersion: 'client.authentication.k8s.io/v1',
            command: `./${name}`,
            args: ['get', 'x'],
            env: [{ name: 'TEAM', value: 'red' }],
            installHint: 'apt install it',
          } as never,
        },
      },
    )
  }

  test('an exec plugin is run once, with its arguments, its environment and KUBERNETES_EXEC_INFO', async () => {
    const log = join(folder, 'runs')
    const { api } = await plugin(
      'good',
      `echo "$1 $2 $TEAM $KUBERNETES_EXEC_INFO" >> ${log}\necho '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"from-plugin"}}'`,
    )
    expect(await api.get('/version')).toMatchObject({ ok: true })
    expect(await api.get('/version')).toMatchObject({ ok: true })
    const { readFile } = await import('node:fs/promises')
    expect(await readFile(log, 'utf8')).toBe(
      'get x red {"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","spec":{"interactive":false}}\n',
    )
    expect(secrets).toContain('from-plugin')
  })

  test.each([
    ['fails', 'echo "no session, run login" >&2; exit 4', 'exited with 4: no session, run login'],
    ['chatty', 'echo hello', 'printed no ExecCredential'],
    ['empty', `echo '{"kind":"ExecCredential","status":{}}'`, 'gave neither a token nor a certificate'],
  ])('a plugin that %s', async (name, script, why) => {
    const { api } = await plugin(name, script)
    expect(await api.get('/version')).toMatchObject({
      ok: false,
      failure: { kind: 'unauthorized', why: expect.stringContaining(why) },
    })
  })

  test('a plugin that is not installed, with the hint of the kubeconfig', async () => {
    const { api } = await apiOf(
      { lists: {} },
      {
        auth: {
          kind: 'exec',
          folder,
          entry: {
            apiVersion: 'client.authentication.k8s.io/v1',
            command: 'no-such-plugin',
            installHint: 'apt install it',
          } as never,
        },
      },
    )
    expect(await api.get('/version')).toMatchObject({
      ok: false,
      failure: { why: 'the exec plugin no-such-plugin is not installed here: apt install it' },
    })
  })
})

describe('TLS', () => {
  let authority: Authority
  beforeAll(async () => {
    authority = await createAuthority()
  })
  afterAll(() => authority.remove())

  test('the authority and the client certificate of the kubeconfig are used; without them nothing is read', async () => {
    const [server, client] = [await authority.issue(), await authority.issue({ names: ['ci'] })]
    const tls = {
      key: server.key,
      cert: server.cert,
      ca: authority.ca,
      requestCert: true,
      rejectUnauthorized: true,
    }
    const ask = async (own: Partial<ClusterAccess['tls']>) =>
      (await apiOf({ lists: {}, tls }, { tls: { skipVerify: false, ...own } })).api.get('/version')
    expect(await ask({ ca: authority.ca, cert: client.cert, key: client.key })).toMatchObject({ ok: true })
    expect(await ask({ ca: authority.ca })).toMatchObject({ ok: false, failure: { kind: 'unreachable' } })
    expect(await ask({ cert: client.cert, key: client.key })).toMatchObject({
      ok: false,
      failure: { kind: 'unreachable' },
    })
  })

  test('tls-server-name is the name that the certificate is compared with', async () => {
    const server = await authority.issue({ names: ['kubernetes.default'] })
    const ask = async (own: Partial<ClusterAccess['tls']>) =>
      (
        await apiOf(
          { lists: {}, tls: { key: server.key, cert: server.cert } },
          { tls: { skipVerify: false, ca: authority.ca, ...own } },
        )
      ).api.get('/version')
    expect(await ask({ servername: 'kubernetes.default' })).toMatchObject({ ok: true })
    expect(await ask({})).toMatchObject({ ok: false })
    expect(await ask({ skipVerify: true })).toMatchObject({ ok: true })
  })
})

describe('a cluster', () => {
  const error = failedPull(resolveError('dial tcp 203.0.113.7:443: i/o timeout'))
  const lists = {
    '/api/v1/nodes': [nodeOf('node-1'), nodeOf('node-2')],
    '/api/v1/pods': [
      podOf({
        name: 'a',
        namespace: 'shop',
        waiting: {
          reason: 'ImagePullBackOff',
          message: 'Back-off pulling image "registry.example.com/team/app:1.2"',
        },
      }),
      podOf({ namespace: 'other' }),
    ],
    '/api/v1/events': [
      eventOf({ pod: 'a', message: error }),
      eventOf({ pod: 'b', namespace: 'other', message: error }),
    ],
  }

  test('is read with the rights that the documentation names, and asks for nothing else', async () => {
    const { api, server } = await apiOf({ lists })
    const reading = await readCluster(api, [])
    expect(reading).toMatchObject({
      unread: [],
      counts: { nodes: 2, pods: 2, namespaces: 2 },
      pulls: [{ isFailing: true, failures: 2 }],
    })
    expect(new Set(server.requests.map((url) => url.split('?')[0]))).toEqual(
      new Set([
        '/api/v1/nodes',
        '/api/v1/pods',
        '/api/v1/events',
        // Discovery, which everybody who is logged in may ask.
        '/apis/source.toolkit.fluxcd.io',
        '/apis/helm.toolkit.fluxcd.io',
        '/apis/kustomize.toolkit.fluxcd.io',
      ]),
    )
  })

  test('of some namespaces is read in these only', async () => {
    const { api, server } = await apiOf({ lists })
    const reading = await readCluster(api, ['shop'])
    expect(reading).toMatchObject({ counts: { pods: 1, namespaces: 1 }, pulls: [{ failures: 1 }] })
    expect(
      server.requests.filter(
        (url) =>
          !url.startsWith('/api/v1/namespaces/shop/') &&
          !url.startsWith('/api/v1/nodes') &&
          !url.startsWith('/apis/'),
      ),
    ).toEqual([])
  })

  test.each(['pods', 'events', 'nodes'])(
    'without the right to list %s, that alone is not inspected',
    async (resource) => {
      const { api } = await apiOf({ lists, forbids: (path) => path.endsWith(`/${resource}`) })
      const reading = await readCluster(api, [])
      expect(reading.unread).toMatchObject([{ resource, failure: { kind: 'forbidden' } }])
      // A pod before 1.32 has no reason without events; the others tell what they know.
      expect(reading.pulls.map((row) => row.error.kind)).toEqual([
        resource === 'events' ? 'unclassified' : 'connection-timeout',
      ])
    },
  )

  test('Flux is read where discovery knows it, in an older version where a kind is served in that only', async () => {
    const [source, helm] = ['source.toolkit.fluxcd.io', 'helm.toolkit.fluxcd.io']
    const flux = {
      [`/apis/${source}/v1beta2/ocirepositories`]: [
        fluxItem('app', {
          artifact: true,
          conditions: fetchFailed(),
          spec: { url: 'oci://ghcr.io/team/app' },
        }),
      ],
      [`/apis/${source}/v1/gitrepositories`]: [],
      [`/apis/${helm}/v2/helmreleases`]: [
        fluxItem('api', {
          namespace: 'shop',
          conditions: [['Ready', 'True', 'UpgradeSucceeded']],
          spec: { chartRef: { kind: 'OCIRepository', name: 'app', namespace: 'flux-system' } },
        }),
      ],
    }
    const groups = { [source]: ['v1', 'v1beta2'], [helm]: ['v2'] }
    const { api } = await apiOf({ lists: { ...lists, ...flux }, groups })
    expect(await readCluster(api, [])).toMatchObject({
      unread: [],
      flux: {
        counts: { sources: 1, releases: 1, kustomizations: 0 },
        sources: [{ outcome: 'unaffected', dependents: [{ name: 'HelmRelease shop/api' }] }],
      },
    })
    const { api: without } = await apiOf({ lists })
    expect((await readCluster(without, [])).flux).toBeUndefined()
    const { api: refused } = await apiOf({
      lists: { ...lists, ...flux },
      groups,
      forbids: (path) => path.endsWith('/helmreleases'),
    })
    expect((await readCluster(refused, [])).unread).toMatchObject([
      { resource: 'helmreleases', failure: { kind: 'forbidden' } },
    ])
  })

  const refusing =
    (code: number, refused = /^\/apis\/[^/]+$/): NonNullable<FakeCluster['instead']> =>
    (request, response) => {
      if (!refused.test(request.url ?? '')) return false
      response.writeHead(code).end()
      return true
    }

  test('where discovery is refused, the lists tell what is installed', async () => {
    const flux = { '/apis/helm.toolkit.fluxcd.io/v2/helmreleases': [fluxItem('api')] }
    const { api } = await apiOf({ lists: { ...lists, ...flux }, instead: refusing(403) })
    expect(await readCluster(api, [])).toMatchObject({ unread: [], flux: { counts: { releases: 1 } } })
    const { api: without } = await apiOf({ lists, instead: refusing(403) })
    const nothing = await readCluster(without, [], ['secrets'])
    expect([nothing.unread, nothing.flux, nothing.secrets?.count]).toEqual([[], undefined, 0])
  })

  test('where discovery fails, nothing says that Flux is not installed', async () => {
    const { api } = await apiOf({ lists, instead: refusing(503, /^\/apis\/helm/) })
    expect(await readCluster(api, [])).toMatchObject({
      unread: [{ resource: 'helmreleases', failure: { kind: 'server-error', status: 503 } }],
    })
    const { api: secrets } = await apiOf({ lists, instead: refusing(500, /^\/apis\/external/) })
    expect((await readCluster(secrets, [], ['secrets'])).unread).toMatchObject([
      { resource: 'externalsecrets' },
    ])
  })

  test('ExternalSecrets are read as a gate, and unasked only where a pull is refused with a pull secret', async () => {
    const group = 'external-secrets.io'
    const path = `/apis/${group}/v1/externalsecrets`
    const cluster = (pods: ReturnType<typeof podOf>[]): FakeCluster => ({
      lists: {
        ...lists,
        '/api/v1/pods': pods,
        '/api/v1/events': [updateFailed('regcred', 'no such key')],
        [path]: [externalSecret('regcred', 'False')],
      },
      groups: { [group]: ['v1'] },
    })
    const denied = podOf({
      waiting: backOff(
        'unexpected status from HEAD request to https://registry.example.com/v2/team/app/manifests/1.2: 403 Forbidden',
      ),
      pullSecrets: ['regcred'],
    })
    const asked = async (
      pods: ReturnType<typeof podOf>[],
      gates: string[],
      forbids?: FakeCluster['forbids'],
    ) => {
      const { api, server } = await apiOf({ ...cluster(pods), ...(forbids ? { forbids } : {}) })
      return {
        ...(await readCluster(api, [], gates)),
        requests: server.requests.filter((url) => url.includes('externalsecrets')),
      }
    }
    expect(await asked([denied], [])).toMatchObject({
      secrets: { count: 1, failures: [{ text: 'no such key' }] },
    })
    expect((await asked([podOf({})], [])).requests).toEqual([])
    expect(await asked([podOf({})], ['secrets'])).toMatchObject({
      secrets: { failures: [{ target: 'regcred', refusedPulls: [] }] },
    })
    const forbids = (url: string) => url === path
    expect((await asked([denied], [], forbids)).unread).toEqual([])
    expect((await asked([denied], ['secrets'], forbids)).unread).toMatchObject([
      { resource: 'externalsecrets' },
    ])
  })

  test('a namespace that may not be read hides nothing of the others', async () => {
    const { api } = await apiOf({ lists, forbids: (path) => path.includes('/namespaces/other/') })
    const reading = await readCluster(api, ['shop', 'other'])
    expect(reading.unread.map(({ resource, namespace }) => [resource, namespace])).toEqual([
      ['pods', 'other'],
      ['events', 'other'],
    ])
    expect(reading.pulls).toMatchObject([{ failures: 1 }])
  })
})
