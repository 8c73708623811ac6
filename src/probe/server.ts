import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { stripColour } from '../log/text.ts'
import { renderJson } from '../outputs/json.ts'
import { terminals } from '../outputs/terminal/index.ts'
import type { Report } from '../report/schema.ts'

/** Gives the last report; undefined until the first run has ended. */
type Last = () => Report | undefined

/**
 * Serves the report of the last run to whoever asks: as text at `/`, as JSON at `/report`, which `regguard-plugin compare` and `replay`
 * read from a file. Nothing that is sent to it has any effect.
 */
export function createProbeServer(last: Last): Server {
  const server = createServer((request, response) => handle(request, response, last))
  server.headersTimeout = 10_000
  server.requestTimeout = 30_000
  server.maxConnections = 32
  return server
}

function handle(request: IncomingMessage, response: ServerResponse, last: Last): void {
  const path = (request.url ?? '/').replace(/[?#].*$/s, '')
  const { method = 'GET' } = request
  const answer = answers.get(path)
  const report = last()
  if (!answer) reply(response, 404, 'not found\n')
  else if (method !== 'GET' && method !== 'HEAD') reply(response, 405, 'only GET\n', { allow: 'GET, HEAD' })
  else if (typeof answer === 'string') reply(response, 200, answer)
  else if (report) answer(response, report)
  else reply(response, 503, 'the first run has not ended\n')
}

/** A text that is always given, or what is given of a report. Never 503 because something fails: that is what the report is for. */
type Answer = string | ((response: ServerResponse, report: Report) => void)

const ready: Answer = (response) => reply(response, 200, 'ready\n')

const answers: ReadonlyMap<string, Answer> = new Map<string, Answer>([
  ['/healthz', 'ok\n'],
  ['/-/healthy', 'ok\n'],
  ['/readyz', ready],
  ['/-/ready', ready],
  ['/', (response, report) => reply(response, 200, textOf(report))],
  [
    '/report',
    (response, report) => reply(response, 200, renderJson(report), { 'content-type': 'application/json' }),
  ],
])

const textOf = (report: Report): string =>
  terminals
    .plain(report)
    .reduce((all, entry) => (entry.kind === 'text' ? `${all}${stripColour(entry.text)}\n` : all), '')

function reply(response: ServerResponse, status: number, text: string, headers: Record<string, string> = {}) {
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'x-content-type-options': 'nosniff',
    ...headers,
  })
  response.end(text)
}
