import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** What Docker keeps for one registry: authorities to trust, and a certificate to show. */
export interface HostCertificates {
  authorities: string[]
  cert?: string
  key?: string
}

/**
 * Reads `/etc/docker/certs.d/<host>[:port]/` by Docker's rules: every `*.crt` is an authority, `*.cert` with the `*.key` of
 * the same name is the client's certificate. A folder that is not there gives nothing.
 */
export async function readCertsD(host: string, root = '/etc/docker/certs.d'): Promise<HostCertificates> {
  const folder = join(root, host)
  const names = /^[A-Za-z0-9.:[\]-]+$/.test(host) ? await readdir(folder).catch(() => []) : []
  const read = (name: string) => readFile(join(folder, name), 'utf8').catch(() => '')
  const authorities = await Promise.all(names.filter((name) => name.endsWith('.crt')).map(read))
  const cert = names.find((name) => name.endsWith('.cert') && names.includes(name.replace(/\.cert$/, '.key')))
  return {
    authorities: authorities.filter(Boolean),
    ...(cert ? { cert: await read(cert), key: await read(cert.replace(/\.cert$/, '.key')) } : {}),
  }
}
