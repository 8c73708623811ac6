import type { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import type { RequestSpec } from './client.ts'
import type { ProxyServer } from './proxy.ts'
import { shownUrl } from './request-log.ts'

/** An answer whose headers have come; the body is still on the way and must be read or discarded. */
export interface Response {
  status: number
  host: string
  /** Without its query and without a login. */
  url: string
  /** True where a redirect of the registry led to another host. */
  fromStorage: boolean
  /** The proxy whose own answer this may be, where nothing in it shows who it is from. */
  perhaps?: ProxyServer
  header: (name: string) => string | undefined
  headers: (name: string) => string[]
  /** The content coding that was applied in spite of our asking for none; '' for none. */
  encoding: string
  body: Readable
  /** Aborted when the run ends. */
  signal: AbortSignal
  /** Tells the ledger that bytes came. */
  count: (bytes: number) => void
  /** Gives up what is left of the body; a short rest is read, so that the connection stays. */
  discard: () => void
}

/** The rest of a body that is cheaper to read than a new connection. */
const keepBytes = 16 * 1024

/** Makes a reply of what undici gave. `count` is told of every byte that is read. */
export function responseOf(
  { statusCode: status, headers: raw, body }: Dispatcher.ResponseData,
  { url, role }: Pick<RequestSpec, 'url' | 'role'>,
  { signal, count }: { signal: AbortSignal; count: (bytes: number) => void },
): Response {
  const headers = (name: string): string[] => {
    const value = raw[name]
    return value === undefined ? [] : Array.isArray(value) ? value : [value]
  }
  const encoding = (headers('content-encoding')[0] ?? '').toLowerCase().trim()
  // Without a listener an error after discard would end the process.
  body.on('error', () => {})
  return {
    status,
    host: url.host,
    url: shownUrl(url),
    fromStorage: role === 'storage',
    headers,
    header: (name) => headers(name)[0],
    encoding: encoding === 'identity' ? '' : encoding,
    body,
    signal,
    count,
    discard: () => {
      if (!body.destroyed) body.dump({ limit: keepBytes }).catch(() => {})
    },
  }
}
