import type { IncomingMessage, ServerResponse } from 'node:http'
import { renderWatch } from '../outputs/html/watch.ts'
import type { ServerOptions } from './server.ts'

/** Answers `/` with the page of the watch, which nothing may keep or put into a frame. */
export function answerPage(
  _request: IncomingMessage,
  response: ServerResponse,
  { report }: ServerOptions,
): void {
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'x-frame-options': 'DENY',
    'x-content-type-options': 'nosniff',
  })
  response.end(renderWatch(report()))
}

/** The password of an `Authorization` header of the scheme Basic; undefined for any other. */
export function passwordIn(authorization: string): string | undefined {
  const [, encoded] = /^Basic\s+([\w+/=]+)$/i.exec(authorization) ?? []
  if (encoded === undefined) return undefined
  const pair = Buffer.from(encoded, 'base64').toString('utf8')
  return pair.includes(':') ? pair.slice(pair.indexOf(':') + 1) : undefined
}
