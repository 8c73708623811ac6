/**
 * The servers of a mirror lab, in a process of their own: it runs inside the network namespace of the lab, and prints every request
 * as a line of JSON. Usage: origin.ts CONFIG.
 */
import { readFileSync } from 'node:fs'
import { createServer as createPlain, type RequestListener } from 'node:http'
import { createServer as createTls } from 'node:https'
import { createSecureContext, type TLSSocket } from 'node:tls'
import { answerOf, type Content, type Site } from './answers.ts'

type Pem = { key: string; cert: string }
export type OriginConfig = { sites: (Site & { trusted?: Pem; untrusted?: Pem })[]; content: Content }

const { sites, content }: OriginConfig = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8'))

for (const site of sites) {
  const listener: RequestListener = (request, response) => {
    const { method = '', url: path = '/', headers } = request
    const seen = { method, path, host: headers.host ?? '', authorized: headers.authorization !== undefined }
    const servername = (request.socket as TLSSocket).servername || undefined
    const { answer, found, body } = answerOf(site, seen, content)
    print({
      ...seen,
      address: site.address,
      port: site.port,
      ...(servername && { servername }),
      status: answer.status,
    })
    const { status, challenge, location } = answer
    if (challenge)
      response.setHeader(
        'www-authenticate',
        `Bearer realm="${challenge.realm}",service="${challenge.service}"`,
      )
    if (location !== undefined) response.setHeader('location', location)
    if (found)
      response.setHeader('content-type', found.mediaType).setHeader('docker-content-digest', found.digest)
    const bytes = found ? Buffer.from(found.body, 'base64') : Buffer.from(body ?? '')
    response.setHeader('content-length', bytes.length)
    response.writeHead(status)
    response.end(method === 'HEAD' ? undefined : bytes)
  }
  const { tls: names = [], trusted, untrusted } = site
  const server =
    trusted && untrusted
      ? createTls(
          {
            ...untrusted,
            SNICallback: (name, done) =>
              done(null, createSecureContext(names.includes(name) ? trusted : untrusted)),
          },
          listener,
        )
      : createPlain(listener)
  server.listen(site.port, site.address, () => print({ listening: `${site.address}:${site.port}` }))
}

function print(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}
