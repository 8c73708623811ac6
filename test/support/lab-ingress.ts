import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createConnection, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Certificate } from './certs.ts'
import type { LabHost } from './lab-host.ts'
import { findProgram } from './need.ts'

/** One site behind an ingress: its names, its certificate, and what stands inside nginx's `server { … }`. */
export type Site = { names: string[]; certificate: Certificate; body: string }

/** A running ingress. */
export type Ingress = {
  /** The requests it got: address, server name of TLS (`-` for none), Host, method, path and status. */
  log(): Promise<string[]>
  stop(): Promise<void>
}

/**
 * Starts nginx on a host of a lab, which chooses the site by the server name of TLS as cluster ingresses do. For every other name it
 * presents the default certificate and answers 404.
 */
export async function startIngress(
  host: LabHost,
  { addresses, sites, fallback }: { addresses: string[]; sites: Site[]; fallback: Certificate },
): Promise<Ingress> {
  const directory = await mkdtemp(join(tmpdir(), 'regguard-ingress-'))
  const listen = (options: string) =>
    addresses
      .map((address) => `listen ${address.includes(':') ? `[${address}]` : address}:443 ssl${options};`)
      .join('\n')
  const server = (options: string, names: string[], { certFile, keyFile }: Certificate, body: string) => `
  server {
    ${listen(options)}
    server_name ${names.join(' ')};
    ssl_certificate ${certFile};
    ssl_certificate_key ${keyFile};
    ${body}
  }`
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${join(directory, 'temp', name)};`)
    .join('\n  ')
  await mkdir(join(directory, 'temp'))
  await writeFile(
    join(directory, 'nginx.conf'),
    `
daemon off;
worker_processes 1;
pid ${join(directory, 'nginx.pid')};
user root;
events { worker_connections 256; }
http {
  log_format seen '$server_addr $ssl_server_name $http_host $request_method $request_uri $status';
  access_log ${join(directory, 'access.log')} seen;
  client_max_body_size 0;
  proxy_http_version 1.1;
  proxy_set_header Host $http_host;
  proxy_set_header X-Forwarded-Proto https;
  ${temporary}
  ${server(' default_server', ['_'], fallback, 'return 404;')}
  ${sites.map(({ names, certificate, body }) => server('', names, certificate, body)).join('\n')}
}
`,
  )
  const nginx = await host.start(
    [findProgram('nginx') ?? 'nginx', '-p', directory, '-c', join(directory, 'nginx.conf'), '-e', 'stderr'],
    {
      name: 'nginx',
      ready: async () => (await host.run('ss', ['-Hltn'])).includes(':443'),
      clear: () => rm(directory, { recursive: true, force: true }),
    },
  )
  return {
    log: async () => (await readFile(join(directory, 'access.log'), 'utf8')).split('\n').filter(Boolean),
    stop: nginx.stop,
  }
}

/** Makes a server of this machine's loopback reachable at 127.0.0.1 of a host of a lab, at the same port. Returns what ends it. */
export async function relay(host: LabHost, to: string): Promise<() => void> {
  const port = Number(to.replace(/^.*:/, ''))
  const server = createServer((socket) => {
    const onward = createConnection(port, '127.0.0.1')
    for (const [from, into] of [
      [socket, onward],
      [onward, socket],
    ] as const)
      from.pipe(into).on('error', () => from.destroy())
  })
  server.listen(await host.listen('127.0.0.1', port))
  return () => void server.close()
}
