import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findProgram } from './need.ts'
import { listens, startProgram } from './program.ts'
import { freePort } from './real-registry.ts'

/** A running nginx; each of its servers has a port of its own. */
export type Nginx<Name extends string> = {
  hosts: Record<Name, string>
  /** Its own directory, which holds its temporary files in `temp`. */
  directory: string
  stop(): Promise<void>
  /** What it wrote to its error log. */
  errors(): string
}

/** What stands inside `server { … }`, and may name the other servers. */
export type ServerBody<Name extends string> = string | ((hosts: Record<Name, string>) => string)

/** TLS for one server. */
export type NginxTls = { certFile: string; keyFile: string; http2: boolean }

/** Starts nginx with these servers; `http` is what stands beside them. */
export async function startNginx<Name extends string>(
  servers: Record<Name, ServerBody<Name>>,
  { http = '', tls = {} }: { http?: string; tls?: Partial<Record<Name, NginxTls>> } = {},
): Promise<Nginx<Name>> {
  const program = findProgram('nginx')
  if (program === undefined) throw new Error('nginx is neither in PATH nor in /usr/sbin')
  const directory = await mkdtemp(join(tmpdir(), 'regguard-nginx-'))
  const names = Object.keys(servers) as Name[]
  const ports = await Promise.all(names.map(freePort))
  const hosts = Object.fromEntries(names.map((name, at) => [name, `127.0.0.1:${ports[at]}`])) as Record<
    Name,
    string
  >
  const blocks = names.map((name) => {
    const body = servers[name]
    return `server { ${listenLines(hosts[name], tls[name])} ${typeof body === 'function' ? body(hosts) : body} }`
  })
  await mkdir(join(directory, 'temp'))
  await writeFile(join(directory, 'nginx.conf'), configOf(directory, blocks, http))

  const nginx = await startProgram(
    [program, '-p', directory, '-c', join(directory, 'nginx.conf'), '-e', 'stderr'],
    {
      ready: async () => (await Promise.all(ports.map((port) => listens(port)))).every(Boolean),
      clear: () => rm(directory, { recursive: true, force: true }),
    },
  )
  return { hosts, directory, stop: nginx.stop, errors: nginx.output }
}

function listenLines(host: string, tls: NginxTls | undefined): string {
  if (!tls) return `listen ${host};`
  const { certFile, keyFile, http2 } = tls
  return `listen ${host} ssl${http2 ? ' http2' : ''}; ssl_certificate ${certFile}; ssl_certificate_key ${keyFile};`
}

function configOf(directory: string, servers: string[], http: string): string {
  const temp = (name: string) => `${name}_temp_path ${join(directory, 'temp', name)};`
  return `
daemon off;
worker_processes 1;
pid ${join(directory, 'nginx.pid')};
${process.getuid?.() === 0 ? 'user root;' : ''}
events { worker_connections 256; }
http {
  access_log off;
  client_max_body_size 0;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(temp).join('\n  ')}
  proxy_http_version 1.1;
  proxy_set_header Host $http_host;
  ${http}
  ${servers.join('\n  ')}
}
`
}
