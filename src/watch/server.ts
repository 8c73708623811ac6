import { createHash, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { bodyOf } from '../observe/http/body-text.ts'
import { openMetricsText, prometheusText } from '../outputs/prometheus.ts'
import { watchMetrics } from '../outputs/watch-metrics.ts'
import type { WatchReport } from '../report/watch.ts'
import { type NamedRepository, parseEvents } from './events.ts'
import { answerPage, passwordIn } from './page.ts'

/** What the server shows and takes. Tokens are read at each request: they may be replaced while it runs. */
export interface ServerOptions {
  report: () => WatchReport
  /** Whether the first run of every registry has ended, whatever it found. */
  isReady: () => boolean
  metricsToken: (() => string | undefined) | undefined
  /** Undefined: no notifications are accepted. */
  eventsToken: (() => string | undefined) | undefined
  onEvents: (repositories: NamedRepository[]) => void
}

/** A notification holds the events of a few moments. */
const maxEventBytes = 1024 * 1024
const contentTypes = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openMetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
}

/** Serves metrics, health and findings. */
export function createWatchServer(options: ServerOptions): Server {
  const server = createServer((request, response) => {
    handle(request, response, options).catch(() => response.destroy())
  })
  server.headersTimeout = 10_000
  server.requestTimeout = 30_000
  return server
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  options: ServerOptions,
): Promise<void> {
  const path = (request.url ?? '/').replace(/[?#].*$/s, '')
  const { method = 'GET' } = request
  if (path === '/events' && options.eventsToken) return takeEvents(request, response, options)
  const get = answers[path]
  if (!get) return reply(response, 404, 'not found\n')
  if (method !== 'GET' && method !== 'HEAD') return reply(response, 405, 'only GET\n', { allow: 'GET, HEAD' })
  if (needsToken.has(path) && !mayRead(request, options))
    return reply(response, 401, 'a bearer token is required\n', {
      // A browser asks a person for the token, as the password of any user.
      'www-authenticate': path === '/' ? 'Basic realm="regguard"' : 'Bearer',
    })
  get(request, response, options)
}

/** What tells of a registry. */
const needsToken: ReadonlySet<string> = new Set(['/', '/metrics', '/findings'])

type Answer = (request: IncomingMessage, response: ServerResponse, options: ServerOptions) => void

const live: Answer = (_request, response) => reply(response, 200, 'ok\n')
const ready: Answer = (_request, response, { isReady }) =>
  isReady() ? reply(response, 200, 'ready\n') : reply(response, 503, 'the first run has not ended\n')

/** Never 503 because images are broken: that would take the metrics out of the service, and the alert would resolve itself. */
const answers: Partial<Record<string, Answer>> = {
  '/': answerPage,
  '/healthz': live,
  '/-/healthy': live,
  '/readyz': ready,
  '/-/ready': ready,
  '/metrics': (request, response, { report }) => {
    const families = watchMetrics(report(), { instance: false })
    if (wantsOpenMetrics(request.headers.accept))
      reply(response, 200, openMetricsText(families), { 'content-type': contentTypes.openMetrics })
    else reply(response, 200, prometheusText(families), { 'content-type': contentTypes.text })
  },
  '/findings': (_request, response, { report }) =>
    reply(response, 200, findingsJson(report()), { 'content-type': 'application/json' }),
}

/** The report without what only metrics need. */
export function findingsJson({ classes: _classes, registries, ...rest }: WatchReport): string {
  const shown = registries.map(({ counters: _counters, phases: _phases, ...registry }) => registry)
  return `${JSON.stringify({ ...rest, registries: shown }, null, 2)}\n`
}

/** True where the format is named, and not weighted lower than plain text: Prometheus 2 names it first. */
const wantsOpenMetrics = (accept = ''): boolean =>
  accept
    .split(',')
    .some(
      (one) =>
        /^\s*application\/openmetrics-text\s*(?:;|$)/i.test(one) && !/;\s*q=0(?:\.0*)?\s*(?:;|$)/.test(one),
    )

function mayRead({ headers }: IncomingMessage, { metricsToken }: ServerOptions): boolean {
  return metricsToken === undefined || isToken(headers.authorization, metricsToken())
}

/** A token that cannot be read lets nobody in. Harbor sends its token without the word Bearer. */
function isToken(given = '', token: string | undefined): boolean {
  const sent = passwordIn(given) ?? given.replace(/^Bearer\s+/i, '')
  const hash = (text: string) => createHash('sha256').update(text).digest()
  return token !== undefined && token !== '' && timingSafeEqual(hash(sent), hash(token))
}

async function takeEvents(
  request: IncomingMessage,
  response: ServerResponse,
  { eventsToken, onEvents }: ServerOptions,
): Promise<void> {
  if (request.method !== 'POST') return reply(response, 405, 'only POST\n', { allow: 'POST' })
  if (!isToken(request.headers.authorization, eventsToken?.()))
    return reply(response, 401, 'a bearer token is required\n', { 'www-authenticate': 'Bearer' })
  const body = await bodyOf(request, maxEventBytes)
  if (body === undefined) return reply(response, 413, 'too large\n', { connection: 'close' })
  const named = parseEvents(body)
  if (!named) return reply(response, 400, 'not the notification of a registry\n')
  onEvents(named)
  reply(response, 202, 'accepted\n')
}

function reply(response: ServerResponse, status: number, text: string, headers: Record<string, string> = {}) {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...headers })
  response.end(text)
}
