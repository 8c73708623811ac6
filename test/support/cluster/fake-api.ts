import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer, type ServerOptions } from 'node:https'
import type { AddressInfo, Server } from 'node:net'

type Item = {
  metadata?: { namespace?: string; name?: string; labels?: Record<string, string> }
} & Record<string, unknown>

/** What an API server of the tests holds and permits. */
export interface FakeCluster {
  /** Lists by the path of the whole cluster, such as `/api/v1/pods`. */
  lists: Record<string, Item[]>
  /** The API groups that discovery knows, with their versions, the preferred one first. */
  groups?: Record<string, string[]>
  /** The token that is accepted; without one, everybody is. */
  token?: string
  /** Refuses a list by its path as requested. */
  forbids?: (path: string) => boolean
  /** How many continued pages answer 410 before they go on. */
  expires?: number
  /** Answers a request instead. Returns false to go on. */
  instead?: (request: IncomingMessage, response: ServerResponse) => boolean
  tls?: ServerOptions
}

/**
 * A server with the shapes of kube-apiserver 1.36: lists with limit and continue, selectors, 401, 403, 404 and 410. It listens on loopback, or
 * on the socket `at` of a lab.
 */
export async function startFakeApi(cluster: FakeCluster, at?: Server) {
  const requests: string[] = []
  const state = { expired: 0 }
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    requests.push(request.url ?? '')
    answer(cluster, state, request, response)
  }
  const server = cluster.tls ? createTlsServer(cluster.tls, listener) : createServer(listener)
  await new Promise<void>((resolve) =>
    at ? server.listen(at, resolve) : server.listen(0, '127.0.0.1', resolve),
  )
  const { port } = server.address() as AddressInfo
  return {
    requests,
    url: `${cluster.tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function answer(
  cluster: FakeCluster,
  state: { expired: number },
  request: IncomingMessage,
  response: ServerResponse,
): unknown {
  const url = new URL(request.url ?? '/', 'http://api')
  if (cluster.instead?.(request, response)) return undefined
  if (cluster.token !== undefined && request.headers.authorization !== `Bearer ${cluster.token}`)
    return status(response, 401, 'Unauthorized', 'Unauthorized')
  if (url.pathname === '/version')
    return json(response, 200, { major: '1', minor: '36', gitVersion: 'v1.36.3' })
  const group = /^\/apis\/([^/]+)$/.exec(url.pathname)?.[1]
  const served = group === undefined ? undefined : cluster.groups?.[group]
  if (served) {
    const versions = served.map((version) => ({ groupVersion: `${group}/${version}`, version }))
    return json(response, 200, {
      kind: 'APIGroup',
      apiVersion: 'v1',
      name: group,
      versions,
      preferredVersion: versions[0],
    })
  }
  const [, root = '', namespace, resource = ''] =
    /^(\/api\/v1|\/apis\/[^/]+\/[^/]+)(?:\/namespaces\/([^/]+))?\/([a-z]+)$/.exec(url.pathname) ?? []
  if (cluster.forbids?.(url.pathname)) {
    const where = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`
    const of = root.split('/')[2] ?? ''
    return status(
      response,
      403,
      'Forbidden',
      `${resource} is forbidden: User "ci" cannot list resource "${resource}" in API group "${root === '/api/v1' ? '' : of}" ${where}`,
    )
  }
  const all = cluster.lists[`${root}/${resource}`]
  if (!all) {
    return response.writeHead(404, { 'content-type': 'text/plain' }).end('404 page not found\n')
  }
  const [fields, labels] = ['fieldSelector', 'labelSelector'].map((name) => url.searchParams.get(name) ?? '')
  const items = all.filter(
    (item) =>
      (namespace === undefined || item.metadata?.namespace === namespace) &&
      selected(item, fields ?? '') &&
      labelled(item, labels ?? ''),
  )
  const from = Number(url.searchParams.get('continue') ?? 0)
  if (from > 0 && state.expired < (cluster.expires ?? 0)) {
    state.expired += 1
    return status(response, 410, 'Expired', 'The provided continue parameter is too old')
  }
  const limit = Number(url.searchParams.get('limit') ?? 0) || items.length
  const next = from + limit < items.length ? String(from + limit) : undefined
  return json(response, 200, {
    kind: 'List',
    apiVersion: 'v1',
    metadata: {
      resourceVersion: '7',
      ...(next === undefined ? {} : { continue: next, remainingItemCount: items.length - from - limit }),
    },
    items: items.slice(from, from + limit),
  })
}

/** Field selectors as the API server has them for events: equality, joined by commas. */
function selected(item: Item, selector: string): boolean {
  return selector
    .split(',')
    .filter(Boolean)
    .every((part) => {
      const [path = '', wanted] = part.split('=')
      const value = path
        .split('.')
        .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], item)
      return value === wanted
    })
}

/** Label selectors: equality, joined by commas. */
const labelled = ({ metadata }: Item, selector: string): boolean =>
  selector === '' ||
  selector
    .split(',')
    .filter(Boolean)
    .every((part) => {
      const [key = '', wanted] = part.split('=')
      return metadata?.labels?.[key] === wanted
    })

function status(response: ServerResponse, code: number, reason: string, message: string) {
  return json(response, code, { kind: 'Status', apiVersion: 'v1', status: 'Failure', message, reason, code })
}

function json(response: ServerResponse, code: number, body: object) {
  return response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
