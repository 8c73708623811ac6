import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ClusterAccess } from '../../../src/observe/cluster/access.ts'
import { openApi } from '../../../src/observe/cluster/api.ts'
import { listAll } from '../../../src/observe/cluster/list.ts'
import { createAccount, grant, tokenOf, untilAllowed } from '../../support/cluster/accounts.ts'
import {
  create,
  definitionOf,
  installDefinitions,
  namespace,
  writeCustom,
} from '../../support/cluster/api-objects.ts'
import {
  type ApiServer,
  type Asker,
  adminToken,
  startApiServer,
  suiteWithApiServer,
} from '../../support/cluster/api-server.ts'
import { questions, recordedCluster } from '../../support/cluster/questions.ts'
import { reportCluster } from '../../support/cluster/read-cluster.ts'
import { type Exchange, record, recorded, shapeOf } from '../../support/cluster/recording.ts'
import { until } from '../../support/until.ts'

const rights = [
  { apiGroups: [''], resources: ['pods', 'events', 'nodes'], verbs: ['list'] },
  { apiGroups: ['helm.toolkit.fluxcd.io', 'source.toolkit.fluxcd.io'], resources: ['*'], verbs: ['list'] },
]

suiteWithApiServer(describe)('what a real API server answers', () => {
  let api: ApiServer
  let folder = ''
  const askers: Record<string, Asker> = { 'wrong token': { token: 'wrong' } }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'regguard-answers-'))
    // It forgets revisions after a second or two; the default is five minutes.
    api = await startApiServer(['--etcd-compaction-interval', '1s'])
    await installDefinitions(api, [definitionOf('helmreleases', ['v2', 'v2beta2'])])
    for (const name of ['shop', 'other', 'many']) await namespace(api, name)
    const { nodes, pods, events, releases } = recordedCluster
    for (const one of nodes) await create(api, { apiVersion: 'v1', kind: 'Node', ...one })
    for (const one of pods) await create(api, { apiVersion: 'v1', kind: 'Pod', ...one })
    for (const one of events) await create(api, { apiVersion: 'v1', kind: 'Event', ...one })
    for (const item of releases) await writeCustom(api, { kind: 'HelmRelease', item })
    await createAccount(api, 'reader', 'shop')
    await grant(api, ['reader', 'shop'], rights)
    askers.reader = { token: await tokenOf(api, 'reader', 'shop') }
    askers.ci = await api.authority.issue({ names: ['ci'] })
    await untilAllowed(api, (askers.reader as { token: string }).token, '/api/v1/pods', true)
  })
  afterAll(async () => {
    await api?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const asReader = () => (askers.reader as { token: string }).token
  const open = (change: Partial<ClusterAccess>, now: () => number = Date.now) =>
    openApi(
      {
        ...{ server: new URL(api.url), from: 'test', auth: { kind: 'none' } },
        tls: { skipVerify: false, ca: api.ca },
        ...change,
      },
      {
        ...{ env: { PATH: process.env.PATH }, signal: new AbortController().signal, now },
        ...{ keepSecret: () => {}, userAgent: 'regguard/test', limits: { retryMs: 1 } },
      },
    )

  test('is what was recorded, to which the API server of the other tests is held', async () => {
    const seen: Exchange[] = []
    for (const { what, as, path, before, isForgotten } of questions) {
      const asker = askers[as] ?? 'nobody'
      const place = (await before?.(api, asker)) ?? ''
      const url = path.replace('PLACE', place)
      if (isForgotten) await untilForgotten(api, url)
      const answer = await api.ask(url, { as: asker })
      const retryAfter = answer.headers['retry-after']
      seen.push({
        ...{ what, as, path, status: answer.status },
        contentType: String(answer.headers['content-type']),
        ...(retryAfter === undefined ? {} : { retryAfter: String(retryAfter) }),
        body: answer.body === undefined ? answer.text : shapeOf(answer.body),
      })
    }
    if (process.env.UPDATE_GOLDEN) record(seen)
    expect(seen).toEqual(recorded())
  })

  const count = async (
    opened: ReturnType<typeof openApi>,
    path: string,
    between?: (url: string) => Promise<void>,
  ) => {
    let names: string[] = []
    let starts = 0
    const asked: string[] = []
    const get: typeof opened.get = async (url, query = {}) => {
      asked.push(url)
      if (query.continue !== undefined) await between?.(`${url}?${new URLSearchParams(query)}`)
      return opened.get(url, query)
    }
    const listed = await listAll(
      { ...opened, get },
      path,
      {},
      {
        start: () => {
          starts += 1
          names = []
        },
        item: (item) => names.push((item as { metadata: { name: string } }).metadata.name),
      },
    )
    return { listed, names, starts, asked }
  }

  test('pages of 500 hold each object once, and begin anew where the place was compacted away', {
    timeout: 120_000,
  }, async () => {
    const event = (at: number) =>
      api.must('/api/v1/namespaces/many/events', {
        method: 'POST',
        body: {
          ...{ apiVersion: 'v1', kind: 'Event', metadata: { name: `many-${at}`, namespace: 'many' } },
          ...{ reason: 'Failed', message: 'x', type: 'Warning' },
          involvedObject: { kind: 'Pod', namespace: 'many', name: `p-${at}` },
        },
      })
    for (let from = 0; from < 1100; from += 50)
      await Promise.all(Array.from({ length: 50 }, (_, at) => event(from + at)))
    const opened = open({ auth: { kind: 'token', token: asReader() } })
    const path = '/api/v1/namespaces/many/events'
    const whole = await count(opened, path)
    expect(whole.listed).toEqual({ ok: true, count: 1100 })
    expect(new Set(whole.names).size).toBe(1100)
    expect(whole.asked.length).toBeGreaterThanOrEqual(3)

    let isForgotten = false
    const again = await count(opened, path, async (url) => {
      if (isForgotten) return
      isForgotten = true
      await untilForgotten(api, url)
    })
    expect(again.listed).toEqual({ ok: true, count: 1100 })
    expect(again.starts).toBeGreaterThanOrEqual(2)
    expect(new Set(again.names).size).toBe(1100)
    await opened.close()
  })

  test('a client certificate is a user of its own', async () => {
    const { cert, key } = await api.authority.issue({ names: ['certified'] })
    const opened = open({ tls: { skipVerify: false, ca: api.ca, cert, key } })
    expect(await opened.get('/api/v1/pods')).toMatchObject({
      ok: false,
      failure: {
        kind: 'forbidden',
        why: expect.stringContaining('User "certified" cannot list resource "pods"'),
      },
    })
    await opened.close()
  })

  test('a certificate of an unknown authority, and none, are not accepted', async () => {
    const stranger = open({ tls: { skipVerify: false } })
    expect(await stranger.get('/version')).toMatchObject({ ok: false, failure: { kind: 'unreachable' } })
    const named = open({ tls: { skipVerify: false, ca: api.ca, servername: 'kubernetes.default' } })
    expect(await named.get('/version')).toMatchObject({ ok: true })
    const wrong = open({ tls: { skipVerify: false, ca: api.ca, servername: 'other.example' } })
    expect(await wrong.get('/version')).toMatchObject({ ok: false, failure: { kind: 'unreachable' } })
    for (const one of [stranger, named, wrong]) await one.close()
  })

  test('a token file is read again as soon as its token was refused', { timeout: 120_000 }, async () => {
    await createAccount(api, 'rotating', 'shop')
    await grant(api, ['rotating', 'shop'], rights)
    const path = join(folder, 'token')
    await writeFile(path, await tokenOf(api, 'rotating', 'shop'))
    // A clock that stands still: the minute after which it is read anyway never passes.
    const opened = open({ auth: { kind: 'token-file', path } }, () => 0)
    await until('the account may list pods', async () => (await opened.get('/api/v1/pods')).ok)
    const account = '/api/v1/namespaces/shop/serviceaccounts/rotating'
    await api.must(account, { method: 'DELETE' })
    await until('its token is refused', async () => {
      const answer = await opened.get('/api/v1/pods')
      return !answer.ok && answer.failure.kind === 'unauthorized'
    })
    await createAccount(api, 'rotating', 'shop')
    await writeFile(path, await tokenOf(api, 'rotating', 'shop'))
    expect(await opened.get('/api/v1/pods')).toMatchObject({ ok: true })
    await opened.close()
  })

  test('an exec plugin gives a token, or a client certificate', async () => {
    const { cert, key } = await api.authority.issue({ names: ['plugged'] })
    const credential = (name: string, status: object) =>
      writeFile(
        join(folder, name),
        `#!/bin/sh\ncat <<'END'\n${JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status })}\nEND\n`,
        { mode: 0o755 },
      )
    await credential('by-token', { token: asReader() })
    await credential('by-cert', { clientCertificateData: cert, clientKeyData: key })
    const plugin = (command: string) =>
      open({
        auth: {
          ...{ kind: 'exec', folder },
          entry: { apiVersion: 'client.authentication.k8s.io/v1', command: `./${command}` } as never,
        },
      })
    const [byToken, byCert] = [plugin('by-token'), plugin('by-cert')]
    expect(await byToken.get('/api/v1/pods')).toMatchObject({ ok: true })
    expect(await byCert.get('/api/v1/pods')).toMatchObject({
      failure: { kind: 'forbidden', why: expect.stringContaining('User "plugged"') },
    })
    await byToken.close()
    await byCert.close()
  })

  test('Flux of an older version is read by what discovery prefers', async () => {
    const token = asReader()
    const report = await reportCluster(api.kubeconfig({ token }))
    expect(report.cluster?.flux?.counts).toEqual({ sources: 0, releases: 2, kustomizations: 0 })
    await installDefinitions(api, [definitionOf('ocirepositories', ['v1beta2'])])
    const source = { kind: 'OCIRepository', apiVersion: 'source.toolkit.fluxcd.io/v1beta2' }
    await create(api, {
      ...source,
      ...{ metadata: { name: 'old', namespace: 'shop' }, spec: { url: 'oci://ghcr.io/a/b' } },
    })
    const older = await reportCluster(api.kubeconfig({ token }))
    expect(older.cluster?.notInspected).toEqual([])
    expect(older.cluster?.flux?.counts).toEqual({ sources: 1, releases: 2, kustomizations: 0 })
  })

  test('an API server that ends in the midst is said to be unreachable', { timeout: 120_000 }, async () => {
    const own = await startApiServer()
    const config = own.kubeconfig({ token: adminToken })
    expect((await reportCluster(config)).exitCode).toBe(0)
    await own.stop()
    const gone = await reportCluster(config)
    expect(gone).toMatchObject({ exitCode: 3, cluster: { state: 'not inspected' } })
    expect(gone.cluster?.why).toContain('connection refused')
  })
})

/** Waits until a place in a list is forgotten: the server compacts etcd again and again, as far as something was written since. */
const untilForgotten = (api: ApiServer, url: string) =>
  until('the place in the list is forgotten', async () => {
    const path = '/api/v1/namespaces/other/configmaps'
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'any-' } }
    await api.must(path, { method: 'POST', body })
    return (await api.ask(url)).status === 410
  })
