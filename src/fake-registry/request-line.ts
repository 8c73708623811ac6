import type { IncomingMessage } from 'node:http'
import type { RequestLine } from './types.ts'

/** The parts of a request that handlers need. */
export function lineOf(request: IncomingMessage): RequestLine {
  const path = request.url ?? '/'
  const cut = path.indexOf('?')
  return {
    method: request.method ?? 'GET',
    path,
    // Clients may escape the colon of a digest.
    pathname: (cut < 0 ? path : path.slice(0, cut)).replace(/%3a/gi, ':'),
    query: new URLSearchParams(cut < 0 ? '' : path.slice(cut)),
    headers: request.headers,
  }
}

/** The body of a POST, which is a token request; other bodies are discarded. */
export async function bodyOf(request: IncomingMessage): Promise<string> {
  if (request.method !== 'POST') {
    request.resume()
    return ''
  }
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}
