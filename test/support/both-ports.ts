/**
 * Run inside a network namespace: a registry that requires a login on port 80 and, with a certificate, another on port 443 of the same
 * address; then regguard with the given environment. Prints what each port received, and regguard's exit code and output, as JSON.
 */
import { readFileSync } from 'node:fs'
import { createServer as createHttp, type RequestListener } from 'node:http'
import { createServer as createHttps } from 'node:https'
import { execa } from 'execa'

interface Asked {
  address: string
  bundle: string
  tls?: { keyFile: string; certFile: string }
  env: Record<string, string>
}

const { address, bundle, tls, env } = JSON.parse(process.argv[2] ?? '') as Asked
const received: Record<'http' | 'https', { url: string; login: boolean }[]> = { http: [], https: [] }

const answer =
  (scheme: 'http' | 'https'): RequestListener =>
  (request, response) => {
    const login = request.headers.authorization !== undefined
    received[scheme].push({ url: request.url ?? '', login })
    if (!login) response.writeHead(401, { 'www-authenticate': 'Basic realm="test"' }).end()
    else
      response
        .writeHead(404, { 'content-type': 'application/json' })
        .end('{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}')
  }

const servers = [
  { server: createHttp(answer('http')), port: 80 },
  ...(tls
    ? [
        {
          server: createHttps(
            { key: readFileSync(tls.keyFile), cert: readFileSync(tls.certFile) },
            answer('https'),
          ),
          port: 443,
        },
      ]
    : []),
]
for (const { server, port } of servers)
  await new Promise<void>((listening) => server.listen(port, address, listening))
const { exitCode, stdout } = await execa(process.execPath, [bundle], {
  env: { PATH: process.env.PATH, ...env },
  extendEnv: false,
  reject: false,
})
process.stdout.write(JSON.stringify({ received, exitCode, stdout }))
process.exit(0)
