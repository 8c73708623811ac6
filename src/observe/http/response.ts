import type { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import type { RequestSpec } from './client.ts'
import type { ProxyServer } from './proxy.ts'
import { redactedUrl } from './request-log.ts'

/** A response whose headers have arrived. Its body is not read yet: read it, or call `discard`. */
export interface Response {
  status: number
  /** Name and port, as in the URL. */
  host: string
  /** Without query and credentials. */
  url: string
  /** True if a redirect of the registry led to another host. */
  fromStorage: boolean
  /** The proxy that may have sent this error itself; set if nothing in the response identifies its sender. */
  possibleProxy?: ProxyServer
  /** The first header with this name in lower case. */
  header: (name: string) => string | undefined
  /** All headers with this name in lower case. */
  headers: (name: string) => string[]
  /** The content coding, which is applied although requests ask for none; '' for none. */
  encoding: string
  body: Readable
  /** Aborted when the run ends. */
  signal: AbortSignal
  /** Adds to the number of received bytes. */
  count: (bytes: number) => void
  /** Drops the rest of the body. Up to 16 KiB are read, which keeps the connection open for reuse. */
  discard: () => void
}

/** Reading this much is cheaper than opening a new connection. */
const maxDrainBytes = 16 * 1024

/** Wraps a response of undici. `count` is called with the length of every chunk that is read. */
export function responseOf(
  { statusCode: status, headers: raw, body }: Dispatcher.ResponseData,
  { url, role, method }: Pick<RequestSpec, 'url' | 'role' | 'method'>,
  { signal, count }: { signal: AbortSignal; count: (bytes: number) => void },
): Response {
  const headers = (name: string): string[] => {
    const value = raw[name]
    return value === undefined ? [] : Array.isArray(value) ? value : [value]
  }
  const header = (name: string): string | undefined => {
    const value = raw[name]
    return Array.isArray(value) ? value[0] : value
  }
  const encoding = (header('content-encoding') ?? '').toLowerCase().trim()
  // Without a listener, an error after discard would crash the process.
  body.on('error', () => {})
  return {
    status,
    host: url.host,
    url: redactedUrl(url),
    fromStorage: role === 'storage',
    headers,
    header,
    encoding: encoding === 'identity' ? '' : encoding,
    body,
    signal,
    count,
    discard: () => {
      if (method === 'HEAD') body.resume()
      else if (!body.destroyed) body.dump({ limit: maxDrainBytes }).catch(() => {})
    },
  }
}
