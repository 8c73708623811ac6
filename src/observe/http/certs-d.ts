import { X509Certificate } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createSecureContext } from 'node:tls'

/** What Docker keeps for one registry: authorities to trust, and a certificate to show. */
export interface HostCertificates {
  authorities: string[]
  cert?: string
  key?: string
  /** Files that are there and cannot be read, with why: `client.key (EACCES)`. */
  unread: string[]
}

/**
 * Reads `/etc/docker/certs.d/<host>[:port]/` by Docker's rules: every `*.crt` is an authority, `*.cert` with the `*.key` of
 * the same name is the client's certificate. A folder that is not there gives nothing.
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
  const shown = names.find((name) => name.endsWith('.cert') && names.includes(keyOf(name)))
  const [cert, key] = shown ? [await read(shown), await read(keyOf(shown))] : ['', '']
  return { authorities: authorities.filter(Boolean), ...(cert && key ? { cert, key } : {}), unread }
}

const keyOf = (cert: string): string => cert.replace(/\.cert$/, '.key')

/** What a server that wants a client certificate got: for people who have to find out where theirs is. */
export async function shownTo(host: string, root: string): Promise<string> {
  const { cert, key, unread } = await readCertsD(host, root)
  const folder = join(root, host)
  if (unread.length > 0) return `${folder} has files that this user cannot read: ${unread.join(', ')}`
  if (!cert || !key) return `it wants a client certificate, and ${folder} holds none with its key`
  const corrupted = unusable(cert, key)
  if (corrupted) return `the client certificate of ${folder} cannot be used with its key: ${corrupted}`
  const { subject, issuer, validTo } = new X509Certificate(cert)
  const named = (name: string) => name.replaceAll('\n', ', ')
  return `it refuses the client certificate of ${folder}: ${named(subject)}, issued by ${named(issuer)}, valid to ${validTo}`
}

/** Why a certificate and a key make no pair; undefined where they do. */
export function unusable(cert: string, key: string): string | undefined {
  try {
    createSecureContext({ cert, key })
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message.replace(/^error:[0-9A-F]+:/, '') : String(error)
  }
}
