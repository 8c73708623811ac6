import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer, type ServerOptions } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { fluxResources } from '../../../src/facts/cluster/rights.ts'

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
  const of = root.split('/')[2] ?? ''
  if (cluster.forbids?.(url.pathname)) {
    const where = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`
    const [name, apiGroup] = root === '/api/v1' ? [resource, ''] : [`${resource}.${of}`, of]
    return status(
      response,
      403,
      'Forbidden',
      `${name} is forbidden: User "ci" cannot list resource "${resource}" in API group "${apiGroup}" ${where}`,
      { details: { ...(apiGroup === '' ? {} : { group: apiGroup }), kind: resource } },
    )
  }
  const all = cluster.lists[`${root}/${resource}`]
  if (!all) {
    return response
      .writeHead(404, { 'content-type': 'text/plain; charset=utf-8' })
      .end('404 page not found\n')
  }
  const [fields, labels] = [
    partsOf(url.searchParams.get('fieldSelector')),
    partsOf(url.searchParams.get('labelSelector')),
  ]
  const unknown = fields.find(([path]) => !selectable.has(path))
  if (unknown) return status(response, 400, 'BadRequest', `field label not supported: ${unknown[0]}`)
  const items = all.filter(
    (item) =>
      (namespace === undefined || item.metadata?.namespace === namespace) &&
      fields.every(([path, wanted]) => valueAt(item, path) === wanted) &&
      labels.every(([key, wanted]) => item.metadata?.labels?.[key] === wanted),
  )
  const from = Number(url.searchParams.get('continue') ?? 0)
  if (Number.isNaN(from)) return status(response, 400, 'BadRequest', noPlace)
  if (from > 0 && state.expired < (cluster.expires ?? 0)) {
    state.expired += 1
    return status(response, 410, 'Expired', expired, { metadata: { continue: String(from) } })
  }
  const limit = Number(url.searchParams.get('limit') ?? 0) || items.length
  const next = from + limit < items.length ? String(from + limit) : undefined
  const left = next === undefined ? {} : { remainingItemCount: items.length - from - limit }
  const isCustom = root !== '/api/v1'
  return json(response, 200, {
    kind: `${kindOf(resource)}List`,
    apiVersion: isCustom ? root.replace('/apis/', '') : 'v1',
    metadata: {
      resourceVersion: '7',
      // Lists of custom resources have the field always, and with a selector nobody counts what is left.
      ...(next !== undefined || isCustom ? { continue: next ?? '' } : {}),
      ...(url.searchParams.has('fieldSelector') ? {} : left),
    },
    items: items
      .slice(from, from + limit)
      .map((item) => (isCustom ? { ...item, kind: kindOf(resource) } : item)),
  })
}

const noPlace =
  "invalid continue token: continue key is not valid: invalid character '\\u009e' looking for beginning of value"
const expired =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.'

function kindOf(resource: string): string {
  const known = new Map<string, string>([
    ...fluxResources.map(({ name, kind }) => [name, kind] as const),
    ...([
      ['externalsecrets', 'ExternalSecret'],
      ['pods', 'Pod'],
      ['nodes', 'Node'],
      ['events', 'Event'],
    ] as const),
  ])
  return known.get(resource) ?? ''
}

/** The fields of events that can be selected. */
const selectable = new Set([
  ...['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'].map(
    (field) => `involvedObject.${field}`,
  ),
  ...['reason', 'reportingComponent', 'source', 'type', 'metadata.name', 'metadata.namespace'],
])

/** The parts of a selector of fields or labels: equality, joined by commas. */
const partsOf = (selector: string | null): [path: string, wanted: string | undefined][] =>
  (selector ?? '')
    .split(',')
    .filter(Boolean)
    .map((part) => {
      const [path = '', wanted] = part.split('=')
      return [path, wanted]
    })

const valueAt = (item: Item, path: string): unknown =>
  path.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], item)

function status(response: ServerResponse, code: number, reason: string, message: string, more: object = {}) {
  return json(response, code, {
    ...{ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason },
    ...more,
    code,
  })
}

function json(response: ServerResponse, code: number, body: object) {
  return response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
