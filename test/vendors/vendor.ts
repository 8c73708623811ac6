import { HttpRequestInterceptor } from '@mswjs/interceptors/http'
import { defineNetwork, InterceptorSource } from 'msw/experimental'
import { type HttpHandler, http } from 'msw/http'
import { afterEach } from 'vitest'
import type { Content } from '../../src/fake-registry/images/images.ts'
import { multiPlatform } from '../../src/fake-registry/images/images.ts'
import { causeIds, noteIds, verifyImages } from '../support/verify.ts'

/** Hosts that nothing listens on: requests to them never leave this process. */
export const registryHost = '127.0.0.1:5601'
export const tokenHost = '127.0.0.1:5602'
export const storageHost = '127.0.0.1:5603'

/** The object that a request is for. */
export type About = {
  name: string
  kind: 'manifests' | 'blobs' | 'tags' | 'other'
  /** The tag or digest. */
  what: string
  method: string
}

/** How the registry of a vendor differs from a plain one. */
export type Vendor = {
  /** `127.0.0.1:5601` by default. */
  host?: string
  /** Its only repository, `team/app` by default. */
  name?: string
  contents?: Content[]
  tags?: Record<string, string>
  /** A response that replaces the normal one. */
  before?: (request: Request, about: About) => Response | undefined
  /** Changes a normal response. */
  after?: (answer: Response, request: Request, about: About) => Response
  /** Whether blobs support Range; true by default. */
  ranges?: boolean
  /** Its response for a missing manifest or blob. */
  missing?: (about: About) => Response
  /** Its other servers, for tokens and storage. */
  others?: HttpHandler[]
}

/** A request that was received, and the status of its response. */
export type ReceivedRequest = { host: string; method: string; path: string; headers: Headers; status: number }

/** Returns a function that serves vendors until the end of the test, and returns the requests they receive. */
export function useVendors(): (vendor: Vendor) => Promise<ReceivedRequest[]> {
  const running: { disable: () => unknown }[] = []
  afterEach(async () => {
    for (const network of running.splice(0)) await network.disable()
  })
  return async (vendor) => {
    const received: ReceivedRequest[] = []
    const network = defineNetwork({
      sources: [new InterceptorSource({ interceptors: [new HttpRequestInterceptor()] })],
      handlers: [
        http.all(`http://${vendor.host ?? registryHost}/*`, ({ request }) => answerOf(vendor, request)),
        ...(vendor.others ?? []),
      ],
      onUnhandledFrame: 'error',
      context: { quiet: true },
    })
    network.events.on('response:mocked', ({ request, response }) => {
      const { host, pathname, search } = new URL(request.url)
      const { method, headers } = request
      received.push({ host, method, path: pathname + search, headers, status: response.status })
    })
    await network.enable()
    running.push(network)
    return received
  }
}

function answerOf(vendor: Vendor, request: Request): Response {
  const about = aboutOf(request)
  const early = vendor.before?.(request, about)
  if (early) return early
  if (about.kind === 'tags') return Response.json({ name: about.name, tags: Object.keys(tagsOf(vendor)) })
  const found = contentOf(vendor, about)
  if (!found) return (vendor.missing ?? missing)(about)
  const answer = served(found, request, about, vendor.ranges ?? true)
  return vendor.after?.(answer, request, about) ?? answer
}

function aboutOf({ url, method }: Request): About {
  const found = /^\/v2\/(.+)\/(manifests|blobs|tags)\/([^/]+)$/.exec(new URL(url).pathname)
  if (!found) return { name: '', kind: 'other', what: '', method }
  const [, name = '', kind, what = ''] = found
  return { name, kind: kind as About['kind'], what, method }
}

function contentOf(vendor: Vendor, { name, kind, what }: About): Content | undefined {
  const { contents = healthy.contents } = vendor
  if (name !== (vendor.name ?? 'team/app')) return undefined
  const digest = kind === 'manifests' ? (tagsOf(vendor)[what] ?? what) : what
  return contents.find(
    (content) => content.digest === digest && (kind === 'blobs') === (content.kind === 'blob'),
  )
}

const tagsOf = ({ tags = { '1': healthy.index.manifest.digest } }: Vendor): Record<string, string> => tags

function served(content: Content, request: Request, { kind, method }: About, ranges: boolean): Response {
  const { bytes, digest, mediaType } = content
  const headers = {
    'content-type': kind === 'manifests' ? mediaType : 'application/octet-stream',
    'docker-content-digest': digest,
    'content-length': String(bytes.length),
  }
  const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.get('range') ?? '')
  if (!ranges || kind !== 'blobs' || !range) {
    return new Response(method === 'HEAD' ? null : new Uint8Array(bytes), { headers })
  }
  const [first, last] = [Number(range[1]), Number(range[2])]
  const part = bytes.subarray(first, last + 1)
  return new Response(new Uint8Array(part), {
    status: 206,
    headers: {
      ...headers,
      'content-length': String(part.length),
      'content-range': `bytes ${first}-${last}/${bytes.length}`,
    },
  })
}

/** An image with two platforms and attestations, as current builds push it. */
export const healthy = multiPlatform({ attestations: true, sharedBase: true })

/** A response with the error document of the distribution specification. */
export function refusal(
  status: number,
  code: string,
  message: string,
  headers: Record<string, string> | [string, string][] = {},
): Response {
  return Response.json({ errors: [{ code, message }] }, { status, headers })
}

const missing = ({ kind }: About): Response =>
  kind === 'blobs'
    ? refusal(404, 'BLOB_UNKNOWN', 'blob unknown to registry')
    : refusal(404, 'MANIFEST_UNKNOWN', 'manifest unknown')

/** A 401 with these challenges, one per header. */
export const challenge = (...challenges: string[]): Response =>
  refusal(
    401,
    'UNAUTHORIZED',
    'authentication required',
    challenges.map((each) => ['www-authenticate', each]),
  )

/** The Basic credentials of a request. */
export function userOf(request: Request): { user: string; password: string } | undefined {
  const [scheme = '', value = ''] = (request.headers.get('authorization') ?? '').split(' ')
  if (scheme.toLowerCase() !== 'basic') return undefined
  const [user = '', ...password] = Buffer.from(value, 'base64').toString('utf8').split(':')
  return { user, password: password.join(':') }
}

/** The bearer token of a request. */
export const tokenOf = (request: Request): string | undefined =>
  /^Bearer (.+)$/.exec(request.headers.get('authorization') ?? '')?.[1]

/** Verifies one image. `verdict` is exit code, causes and notes; `text` is the report as JSON. */
export async function verifyImage(
  settings: Record<string, string> = {},
  image = `${registryHost}/team/app:1`,
) {
  const report = await verifyImages([image], { settings })
  const verdict = [report.exitCode, causeIds(report), noteIds(report)]
  return { report, verdict, text: JSON.stringify(report) }
}

/** The URL that a registry redirects to for a blob: signed for GET, and invalid with an Authorization header. */
export const signedUrl = ({ what }: About, host = storageHost): string =>
  `http://${host}/data/${what}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=0123abcd`

/** An object storage that accepts only GET with the signature, as S3 does. */
export const signedStorage = (host = storageHost): HttpHandler =>
  http.all(`http://${host}/data/:digest`, ({ request, params }) => {
    const found = healthy.contents.find(({ digest }) => digest === params.digest)
    const signed = new URL(request.url).searchParams.has('X-Amz-Signature')
    if (!found || !signed || request.method !== 'GET') {
      return new Response('<Error><Code>SignatureDoesNotMatch</Code></Error>', { status: 403 })
    }
    if (request.headers.has('authorization')) {
      const body =
        '<Error><Code>InvalidArgument</Code><Message>Only one auth mechanism allowed</Message></Error>'
      return new Response(body, { status: 400, headers: { 'content-type': 'application/xml' } })
    }
    const about: About = { name: '', kind: 'blobs', what: found.digest, method: request.method }
    return served(found, request, about, true)
  })

/** A redirect. */
export const redirect = (location: string, status = 307): Response =>
  new Response(null, { status, headers: { location } })

/** A copy of a response without one of its headers. */
export function without(answer: Response, header: string): Response {
  const headers = new Headers(answer.headers)
  headers.delete(header)
  return new Response(answer.body, { status: answer.status, headers })
}
