import { X509Certificate } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createSecureContext } from 'node:tls'

/** The TLS files that Docker reads for one registry: trusted authorities and a client certificate, all in PEM form. */
export interface HostCertificates {
  authorities: string[]
  cert?: string
  key?: string
  /** Files that exist but cannot be read, with the error code: `client.key (EACCES)`. */
  unread: string[]
}

/**
 * Reads `<root>/<host>[:port]/` by Docker's rules for `/etc/docker/certs.d`: every `*.crt` is an authority; a `*.cert` with the
 * `*.key` of the same name is the client certificate. A missing folder returns no certificates.
 */
export async function readCertsD(host: string, root: string): Promise<HostCertificates> {
  const folder = join(root, host)
  const names = /^[A-Za-z0-9.:[\]-]+$/.test(host) ? await readdir(folder).catch(() => []) : []
  const unread: string[] = []
  const read = (name: string) =>
    readFile(join(folder, name), 'utf8').catch((error: NodeJS.ErrnoException) => {
      unread.push(`${name} (${error.code})`)
      return ''
    })
  const authorities = await Promise.all(names.filter((name) => name.endsWith('.crt')).map(read))
  const certName = names.find((name) => name.endsWith('.cert') && names.includes(keyOf(name)))
  const [cert, key] = certName ? [await read(certName), await read(keyOf(certName))] : ['', '']
  return { authorities: authorities.filter(Boolean), ...(cert && key ? { cert, key } : {}), unread }
}

const keyOf = (cert: string): string => cert.replace(/\.cert$/, '.key')

/** Why a server that requires a client certificate refused this one, as the detail of a failure: missing, unreadable or rejected. */
export async function describeClientCertificate(host: string, root: string): Promise<string> {
  const { cert, key, unread } = await readCertsD(host, root)
  const folder = join(root, host)
  if (unread.length > 0)
    return `client certificate required, but this user cannot read all files in ${folder}: ${unread.join(', ')}`
  if (!cert || !key) return `client certificate required, but ${folder} contains no certificate with its key`
  const pairError = keyPairError(cert, key)
  if (pairError) return `the client certificate in ${folder} cannot be used with its key: ${pairError}`
  const { subject, issuer, validTo } = new X509Certificate(cert)
  const nameOf = (name: string) => name.replaceAll('\n', ', ')
  return `the server rejected the client certificate in ${folder}: ${nameOf(subject)}, issued by ${nameOf(issuer)}, valid to ${validTo}`
}

/** OpenSSL's error for a certificate and a key that do not belong together; undefined for a valid pair. */
export function keyPairError(cert: string, key: string): string | undefined {
  try {
    createSecureContext({ cert, key })
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message.replace(/^error:[0-9A-F]+:/, '') : String(error)
  }
}
