/**
 * The servers of the message lab, in a process of their own: it runs inside the network namespace of the lab. What a host does is the
 * first label of its name. Usage: origin.ts CONFIG.
 */
import { createSocket } from 'node:dgram'
import { readFileSync } from 'node:fs'
import { createServer as createPlain, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTls } from 'node:https'
import { createServer as createRaw } from 'node:net'
import { createSecureContext } from 'node:tls'
import type { OriginConfig, Served } from './faults.ts'

const config: OriginConfig = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8'))
const { addresses, certificates } = config

createTls(
  {
    ...certificates.trusted,
    ALPNProtocols: ['http/1.1'],
    SNICallback: (name, done) => {
      const kind = name.split('.')[0] as keyof typeof certificates
      done(null, createSecureContext(certificates[kind] ?? certificates.trusted))
    },
  },
  answer,
).listen(443, addresses.tls, ready)
createPlain(answer).listen(443, addresses.plain, ready)
// Takes connections and never speaks.
createRaw((socket) => socket.on('error', () => {})).listen(443, addresses.silent, ready)
// Knows no name.
const names = createSocket('udp4')
names.on('message', (query, { port, address }) => {
  const reply = Buffer.from(query)
  reply.writeUInt16BE(query.toString('latin1').includes('\x06failed\x03') ? 0x8182 : 0x8183, 2)
  names.send(reply, port, address)
})
names.bind(53, addresses.resolver, ready)

function ready(): void {
  process.stdout.write('"listening"\n')
}

const errors = (code: string, message: string) => JSON.stringify({ errors: [{ code, message }] })

/** What a registry answers instead of every manifest: status, body, headers. */
const refusals: Record<string, [status: number, body: string, headers?: Record<string, string>]> = {
  missing: [404, errors('MANIFEST_UNKNOWN', 'manifest unknown')],
  forbidden: [403, errors('DENIED', 'requested access to the resource is denied')],
  limited: [429, errors('TOOMANYREQUESTS', 'You have reached your pull rate limit.')],
  broken: [500, errors('UNKNOWN', 'unknown error')],
  unavailable: [503, 'Service Unavailable'],
}

function answer(request: IncomingMessage, response: ServerResponse): unknown {
  const { method = '', url = '/', headers } = request
  const kind = (headers.host ?? '').split('.')[0] ?? ''
  const path = url.replace(/\?.*/, '')
  const send = (status: number, body: string | Buffer, more: Record<string, string> = {}) => {
    const bytes = Buffer.from(body)
    response.writeHead(status, { 'content-length': bytes.length, ...more })
    response.end(method === 'HEAD' ? undefined : bytes)
  }
  if (kind === 'ends') return request.socket.destroy()
  if (kind === 'storage') return send(403, '<Error><Code>AccessDenied</Code></Error>')
  if (kind === 'auth') {
    const isRefused = url.includes('unauthorized')
    return isRefused
      ? send(401, errors('UNAUTHORIZED', 'authentication required'))
      : send(200, '{"token":"t","access_token":"t"}')
  }
  const service = { denied: 'denied', unauthorized: 'unauthorized', tokenless: 'tokenless' }[kind]
  if (service !== undefined && (kind !== 'denied' || path !== '/v2/')) {
    const realm = kind === 'tokenless' ? 'https://refused.lab/token' : 'https://auth.lab/token'
    const error = headers.authorization === undefined ? '' : ',error="insufficient_scope"'
    const challenge = `Bearer realm="${realm}",service="${service}",scope="repository:team/app:pull"${error}`
    return send(401, errors('UNAUTHORIZED', 'authentication required'), { 'www-authenticate': challenge })
  }
  if (/^\/v2\/?$/.test(path)) return send(200, '{}')
  const refusal = refusals[kind]
  if (refusal) return send(...refusal)
  const [, of, name = ''] = /\/(manifests|blobs)\/([^/]+)$/.exec(path) ?? []
  const found = config.content[kind]?.[name]
  if (!found) return send(404, errors(of === 'blobs' ? 'BLOB_UNKNOWN' : 'MANIFEST_UNKNOWN', `${of} unknown`))
  return serve(kind, found, request, { send, response })
}

/** Serves an object, unless the host is about losing or spoiling objects of its kind. */
function serve(
  kind: string,
  { digest, mediaType, body, is }: Served,
  request: IncomingMessage,
  {
    send,
    response,
  }: {
    send: (status: number, body: string | Buffer, more?: Record<string, string>) => void
    response: ServerResponse
  },
): unknown {
  const bytes = Buffer.from(body, 'base64')
  const headers = { 'content-type': mediaType, 'docker-content-digest': digest }
  if (kind === `no${is}`)
    return is === 'child'
      ? send(404, errors('MANIFEST_UNKNOWN', 'manifest unknown'))
      : send(404, errors('BLOB_UNKNOWN', 'blob unknown to registry'))
  if (is !== 'layer') return send(200, bytes, headers)
  if (kind === 'redirecting')
    return send(307, '', { location: 'https://storage.lab/bucket/data?X-Amz-Signature=0123456789abcdef' })
  if (kind === 'astray') return send(307, '', { location: 'https://misnamed.lab/bucket/data?sig=secret' })
  if (kind === 'short') return send(200, bytes.subarray(0, bytes.length / 2), headers)
  if (kind === 'empty') return send(200, '', headers)
  if (kind === 'other') return send(200, Buffer.alloc(bytes.length, 7), headers)
  if (kind === 'cut') {
    response.writeHead(200, { ...headers, 'content-length': bytes.length })
    return response.write(bytes.subarray(0, bytes.length / 2), () => request.socket.destroy())
  }
  return send(200, bytes, headers)
}
