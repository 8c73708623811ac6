import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'

/** The authentication scheme of a registry that repeats what it receives. */
export type Scheme = 'Basic' | 'Bearer'

/**
 * A registry that refuses every login and repeats the credentials in its error and in its headers. Its token server issues `token` to
 * everyone. Not yet listening.
 */
export function talkativeRegistry(scheme: Scheme, token = ''): Server {
  return createServer((request, response) => {
    const { authorization } = request.headers
    if (request.url?.startsWith('/token')) return void response.end(JSON.stringify({ token }))
    if (authorization === undefined) return challenge(request, response, scheme)
    repeat(response, 403, authorization)
  })
}

function challenge(request: IncomingMessage, response: ServerResponse, scheme: Scheme): void {
  const words = scheme === 'Basic' ? 'Basic realm="x"' : `Bearer realm="http://${request.headers.host}/token"`
  response.writeHead(401, { 'www-authenticate': words })
  response.end('{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}')
}

/** Responds with the credentials, encoded and decoded, as code, message and headers. */
export function repeat(response: ServerResponse, status: number, sent: string): void {
  const [, value = ''] = sent.split(' ')
  const plain = Buffer.from(value, 'base64').toString('utf8').slice(0, 100)
  response.writeHead(status, {
    'content-type': 'application/json',
    'docker-content-digest': sent,
    warning: `299 - "${sent}"`,
    'www-authenticate': `Bearer realm="http://127.0.0.1:1/${value}",scope="${value}"`,
    location: `/${value}`,
    'x-plain': encodeURIComponent(plain),
  })
  response.end(
    JSON.stringify({
      errors: [{ code: sent, message: `you are ${plain}, by ${encodeURIComponent(plain)}` }],
    }),
  )
}
