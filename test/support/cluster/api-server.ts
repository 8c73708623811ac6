import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Agent, request } from 'undici'
import { stringify } from 'yaml'
import { type Authority, createAuthority } from '../certs.ts'
import { findGoClient } from '../go-programs.ts'
import { findProgram } from '../need.ts'
import { startProgram, statusOf } from '../program.ts'
import { freePort } from '../real-registry.ts'
import { type Suite, suiteWithout } from '../suite.ts'

const [program, etcd] = [findGoClient('kube-apiserver') ?? findProgram('kube-apiserver'), findProgram('etcd')]

/** A `describe` that needs a real API server. Nothing builds one in CI, which takes ten minutes: there, too, it is skipped. */
export function suiteWithApiServer(suite: Suite): Suite {
  const missing = [...(program ? [] : ['kube-apiserver 1.36']), ...(etcd ? [] : ['etcd'])]
  if (missing.length === 0) return suite
  return suiteWithout(`needs ${missing.join(' and ')}, not found here`, { mustRunInCi: false })
}

/** An answer of the API server. */
interface ApiResponse {
  status: number
  headers: Record<string, string | string[] | undefined>
  text: string
  // biome-ignore lint/suspicious/noExplicitAny: an object of any kind.
  body: any
}

/** Who asks: a token, a client certificate, or the administrator of the test. */
export type Asker = { token: string } | { cert: string; key: string } | 'admin' | 'nobody'

/** What is sent. */
interface ApiRequest {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  body?: object
  as?: Asker
  contentType?: string
}

/** A running kube-apiserver with its etcd. */
export interface ApiServer {
  url: string
  ca: string
  authority: Authority
  ask(path: string, options?: ApiRequest): Promise<ApiResponse>
  /** The same; an error for any other status than 2xx. */
  must(path: string, options?: ApiRequest): Promise<ApiResponse>
  /** A kubeconfig with one context, `prod`. */
  kubeconfig(user: object): string
  /** The requests of regguard as this user, as the audit log has them. */
  requestsOf(user: string): Promise<AuditEvent[]>
  stop(): Promise<void>
}

/** One line of the audit log. */
interface AuditEvent {
  verb: string
  requestURI: string
  user: { username: string }
  userAgent?: string
  objectRef?: { resource?: string; apiGroup?: string }
}

/** The token of the administrator. */
export const adminToken = 'admin-token-of-the-test'

/** Starts both on free ports, with all they write in a temporary folder. `more` are further flags. */
export async function startApiServer(more: string[] = []): Promise<ApiServer> {
  const directory = await mkdtemp(join(tmpdir(), 'regguard-apiserver-'))
  const authority = await createAuthority()
  const [client, peer, port] = [await freePort(), await freePort(), await freePort()]
  const storage = `http://127.0.0.1:${client}`
  const clear = async () => {
    await authority.remove()
    await rm(directory, { recursive: true, force: true })
  }
  const store = await startProgram(
    [
      ...[etcd ?? '', '--data-dir', join(directory, 'etcd'), '--log-level', 'warn'],
      ...['--listen-client-urls', storage, '--advertise-client-urls', storage],
      ...['--listen-peer-urls', `http://127.0.0.1:${peer}`],
      ...['--initial-advertise-peer-urls', `http://127.0.0.1:${peer}`],
      ...['--initial-cluster', `default=http://127.0.0.1:${peer}`],
    ],
    { ready: async () => (await statusOf(`${storage}/health`)) === 200 },
  ).catch(async (error: unknown) => {
    await clear()
    throw error
  })
  const leaf = await authority.issue({ names: ['127.0.0.1', 'kubernetes.default'] })
  await writeFile(join(directory, 'tokens.csv'), `${adminToken},admin,1,system:masters\n`)
  await writeFile(join(directory, 'audit.yaml'), stringify(auditPolicy))
  const agent = new Agent({ connect: { ca: authority.ca } })
  const url = `https://127.0.0.1:${port}`
  const ask = (path: string, { method = 'GET', body, as = 'admin', contentType }: ApiRequest = {}) =>
    send(agentOf(as), `${url}${path}`, {
      ...{ method, body, contentType: contentType ?? 'application/json' },
      token: as === 'admin' ? adminToken : typeof as === 'object' && 'token' in as ? as.token : undefined,
    })
  const agentOf = (as: Asker) =>
    typeof as === 'object' && 'cert' in as ? new Agent({ connect: { ca: authority.ca, ...as } }) : agent
  const server = await startProgram(
    [
      ...[
        program ?? '',
        '--etcd-servers',
        storage,
        '--bind-address',
        '127.0.0.1',
        '--secure-port',
        `${port}`,
      ],
      ...['--tls-cert-file', leaf.certFile, '--tls-private-key-file', leaf.keyFile],
      ...['--client-ca-file', authority.caFile, '--cert-dir', directory],
      ...['--token-auth-file', join(directory, 'tokens.csv'), '--authorization-mode', 'RBAC'],
      ...['--service-account-issuer', 'https://kubernetes.default.svc', '--api-audiences', 'api'],
      ...['--service-account-key-file', leaf.certFile, '--service-account-signing-key-file', leaf.keyFile],
      ...['--disable-admission-plugins', 'ServiceAccount', '--service-cluster-ip-range', '10.0.0.0/24'],
      ...['--endpoint-reconciler-type', 'none', '--shutdown-delay-duration', '0s'],
      ...[
        '--audit-policy-file',
        join(directory, 'audit.yaml'),
        '--audit-log-path',
        join(directory, 'audit.log'),
      ],
      ...['--audit-log-mode', 'blocking', ...more],
    ],
    { ready: async () => (await ask('/readyz').catch(() => undefined))?.status === 200 },
  ).catch(async (error: unknown) => {
    await store.stop()
    await clear()
    throw error
  })
  const must: ApiServer['must'] = async (path, options) => {
    const answer = await ask(path, options)
    if (answer.status >= 300)
      throw new Error(`${options?.method ?? 'GET'} ${path}: ${answer.status} ${answer.text.slice(0, 500)}`)
    return answer
  }
  return {
    ...{ url, ca: authority.ca, authority, ask, must },
    kubeconfig: (user) =>
      stringify({
        'current-context': 'prod',
        clusters: [
          {
            name: 'c',
            cluster: {
              server: url,
              'certificate-authority-data': Buffer.from(authority.ca).toString('base64'),
            },
          },
        ],
        users: [{ name: 'u', user }],
        contexts: [{ name: 'prod', context: { cluster: 'c', user: 'u' } }],
      }),
    requestsOf: async (user) =>
      (await readFile(join(directory, 'audit.log'), 'utf8'))
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as AuditEvent)
        .filter((event) => event.user.username === user && event.userAgent?.startsWith('regguard/')),
    stop: async () => {
      await agent.destroy()
      await server.stop()
      await store.stop()
      await clear()
    },
  }
}

/** Every request once, when it has been answered; those of the administrator, who writes thousands, are left out. */
const auditPolicy = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived', 'ResponseStarted', 'Panic'],
  rules: [{ level: 'None', userGroups: ['system:masters', 'system:unauthenticated'] }, { level: 'Metadata' }],
}

async function send(
  dispatcher: Agent,
  url: string,
  {
    method,
    body,
    token,
    contentType,
  }: { method: string; body: object | undefined; token: string | undefined; contentType: string },
): Promise<ApiResponse> {
  const response = await request(url, {
    ...{ dispatcher, method: method as 'GET' },
    headers: {
      accept: 'application/json',
      'user-agent': 'regguard-tests',
      ...(body === undefined ? {} : { 'content-type': contentType }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.body.text()
  let read: unknown
  try {
    read = JSON.parse(text)
  } catch {
    read = undefined
  }
  return { status: response.statusCode, headers: response.headers, text, body: read }
}
