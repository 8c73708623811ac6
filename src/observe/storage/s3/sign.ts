import { createHash, createHmac } from 'node:crypto'
import type { S3Credentials } from '../../../settings/plan/s3-location.ts'

/** What a signature is about. */
export interface SignedRequest {
  method: string
  /** The path is signed as it stands there, so it must be encoded by `encodePath`. Each query parameter has a name and a value. */
  url: URL
  headers: Record<string, string>
  /** SHA-256 of the body, in hex. */
  payloadHash: string
}

/** Where and for what the signature is valid. */
export interface SigningScope {
  credentials: S3Credentials
  region: string
  service: string
  /** Milliseconds since the epoch. Servers accept a difference of 15 minutes. */
  at: number
}

/** SHA-256 of an empty body. */
const emptyHash = createHash('sha256').digest('hex')

/** The headers that authenticate a GET request to S3 (AWS Signature Version 4). */
export function signGet(
  url: URL,
  scope: Pick<SigningScope, 'credentials' | 'region' | 'at'>,
): Record<string, string> {
  const { sessionToken } = scope.credentials
  const headers = {
    'x-amz-content-sha256': emptyHash,
    'x-amz-date': timestamp(scope.at),
    ...(sessionToken === undefined ? {} : { 'x-amz-security-token': sessionToken }),
  }
  const request = { method: 'GET', url, headers: { host: url.host, ...headers }, payloadHash: emptyHash }
  return { ...headers, authorization: authorization(request, { ...scope, service: 's3' }) }
}

/**
 * The value of `Authorization` for a request (AWS documentation, “Signature Version 4 signing process”). Every header in
 * `request.headers` is signed; they include `host` and `x-amz-date`, with the time of the scope.
 */
export function authorization(request: SignedRequest, scope: SigningScope): string {
  const { credentials, region, service, at } = scope
  const names = Object.keys(request.headers).sort()
  const signedHeaders = names.join(';')
  const canonical = [
    request.method,
    request.url.pathname,
    canonicalQuery(request.url),
    ...names.map((name) => `${name}:${request.headers[name]?.trim().replace(/ +/g, ' ')}`),
    '',
    signedHeaders,
    request.payloadHash,
  ].join('\n')
  const time = timestamp(at)
  const date = time.slice(0, 8)
  const place = `${date}/${region}/${service}/aws4_request`
  const text = ['AWS4-HMAC-SHA256', time, place, hash(canonical)].join('\n')
  const key = [date, region, service, 'aws4_request'].reduce<string | Buffer>(
    (secret, part) => hmac(secret, part).digest(),
    `AWS4${credentials.secretKey}`,
  )
  const signature = hmac(key, text).digest('hex')
  return `AWS4-HMAC-SHA256 Credential=${credentials.accessKey}/${place}, SignedHeaders=${signedHeaders}, Signature=${signature}`
}

const hash = (text: string): string => createHash('sha256').update(text).digest('hex')
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text)

/** `20130524T000000Z` */
const timestamp = (at: number): string => new Date(at).toISOString().replace(/[-:]|\.\d{3}/g, '')

/** Sorted by the encoded names, by code unit. */
function canonicalQuery(url: URL): string {
  const pairs = [...url.searchParams].map(([name, value]) => [encode(name), encode(value)] as const)
  const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
  return pairs
    .sort(([a, x], [b, y]) => order(a, b) || order(x, y))
    .map((pair) => pair.join('='))
    .join('&')
}

/** The key of an object as the path of a URL: everything but unreserved characters and slashes is escaped (RFC 3986, 2.3). */
export const encodePath = (key: string): string => key.split('/').map(encode).join('/')

/** The query of a URL in the same encoding. `URLSearchParams` writes a space as +, which some servers sign differently. */
export const encodeQuery = (parameters: Record<string, string>): string =>
  Object.entries(parameters)
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .join('&')

const encode = (text: string): string =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
