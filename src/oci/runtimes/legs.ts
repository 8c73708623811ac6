import { parseAddress } from '../../net/ip.ts'

/** Where an endpoint is configured: the file, and the key in it. */
interface Origin {
  file: string
  key: string
}

/** A server that a runtime asks for an image: a mirror, or the registry itself. */
export interface Endpoint {
  role: 'mirror' | 'registry'
  scheme: 'http' | 'https'
  /** Name and port as configured. */
  host: string
  /** The root of the API. */
  path: string
  resolves: boolean
  pulls: boolean
  skipVerify: boolean
  /** It is asked in plain HTTP where it speaks no TLS, or where nothing listens at the standard port of TLS. */
  orHttp?: boolean
  /** Files of certificate authorities. */
  authorities: string[]
  /** Files of client certificates; the key is in the same file where it has none of its own. */
  clientPairs: { cert: string; key?: string }[]
  /** Further headers of requests. */
  headers: Record<string, string[]>
  /** The repository there, where it is another than in the reference. */
  repository?: string
  /** Absent for the registry of the reference where no file names it. */
  origin?: Origin
}

/** An endpoint with everything that is not said left at its default. */
export const endpointWith = (own: Partial<Endpoint> & Pick<Endpoint, 'role' | 'host'>): Endpoint => ({
  ...{ scheme: 'https', path: '/v2', resolves: true, pulls: true, skipVerify: false },
  ...{ authorities: [], clientPairs: [], headers: {}, ...own },
})

/** One request of a pull. */
export interface Leg {
  step: 'ping' | 'resolve' | 'manifest' | 'blob' | 'token' | 'redirect'
  /** What it is for: `manifests/1.2`, `blobs/sha256:…`. Objects are fetched at the same time, the legs of one object in order. */
  object: string
  method: 'HEAD' | 'GET'
  url: string
  /** Whether it carries a token. */
  authorized: boolean
  /** The endpoint because of which it is sent. The server of a token or of a redirect may be another. */
  endpoint: Endpoint
}

/** What came of a leg: the part of the response that decides what the runtime does next, or that there was none. */
export type Answer =
  | { status: number; challenge?: { realm: string; service?: string }; location?: string }
  | { status?: undefined; failure: string }

/** A leg with its answer. */
export interface Walked {
  leg: Leg
  answer: Answer
}

/** How a pull ends. */
export interface Pulled {
  ok: boolean
  /** The leg whose failure the runtime reports. */
  told?: Walked
  /** The other legs of the same object that failed; the runtime reports nothing of them. */
  masked: Walked[]
}

/** The name of an image, as runtimes look it up in their configuration. */
export interface ImageName {
  /** The registry as the reference names it, without the API host of Docker Hub. */
  registry: string
  repository: string
  /** A tag or a digest. */
  reference: string
}

/** What a runtime pulls. */
export interface PullTarget extends ImageName {
  /** The manifests and blobs below the reference. A manifest by tag is fetched again by its digest. */
  manifests: string[]
  blobs: string[]
}

/** The legs of a pull: each is yielded, and its answer decides what follows. */
export type Pull = Generator<Leg, Pulled, Answer>

/** True for a response that clients take for success, after redirects. */
export const isOk = ({ status }: Answer): boolean => status !== undefined && status >= 200 && status < 300

/** Whether a name and port name an IP address. */
const isBareAddress = (host: string): boolean => parseAddress(hostnameOf(host)) !== undefined

/** The name of a server in the TLS handshake; none for an IP address (RFC 6066, section 3). */
export function servernameOf(url: string): string | undefined {
  const { protocol, host } = partsOf(url)
  return protocol === 'https' && !isBareAddress(host) ? hostnameOf(host) : undefined
}

/** The Host header of a request: the host of its URL as written, without a login. */
export const hostHeaderOf = (url: string): string => partsOf(url).host.replace(/^.*@/, '')

/** Scheme, host and path of a URL, with a default port where one is written. */
export function partsOf(url: string): { protocol: string; host: string; path: string } {
  const [, protocol = '', host = '', path = ''] = /^([a-z]+):\/\/([^/?#]*)(.*)$/i.exec(url) ?? []
  return { protocol: protocol.toLowerCase(), host, path: path || '/' }
}

/** A host without its port and without the brackets of an IPv6 address. */
export const hostnameOf = (host: string): string =>
  host
    .replace(/:\d*$/, (port) => (/^\[.*\]$|^[^:]*$/.test(host.slice(0, -port.length)) ? '' : port))
    .replace(/^\[(.*)\]$/, '$1')

/** Joins parts of a path as Go's path.Join does. */
export function joinPath(...parts: string[]): string {
  const kept: string[] = []
  for (const part of parts.join('/').split('/')) {
    if (part === '' || part === '.') continue
    if (part === '..') kept.pop()
    else kept.push(part)
  }
  return `/${kept.join('/')}`
}
