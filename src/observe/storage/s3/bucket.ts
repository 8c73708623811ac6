import { type Observed, seen, unseen } from '../../../core/observed.ts'
import type { S3Location } from '../../../settings/plan/s3-location.ts'
import { readBody, streamBody } from '../../http/body.ts'
import type { HttpClient } from '../../http/client.ts'
import { failure } from '../../http/failures.ts'
import { createPace, type Turn } from '../../http/pace.ts'
import type { Response } from '../../http/response.ts'
import { type ListedObject, type ListingPage, parseListing } from './listing.ts'
import { refusalOf, type S3Failure } from './refusal.ts'
import { encodePath, encodeQuery, signGet } from './sign.ts'

/** A bucket that can be read. */
export interface Bucket {
  location: S3Location
  /** All objects below a prefix, page by page, in the order of their keys. Ends at the first failure. */
  list: (prefix: string) => AsyncGenerator<Observed<ListedObject[]>>
  /** The first objects and folders below a prefix, at most `max`, in one request. */
  peek: (prefix: string, max: number) => Promise<Observed<string[]>>
  /** The content of an object, at most `cap` bytes; undefined if there is none. `isWhole` is false if it is longer. */
  read: (key: string, cap: number) => Promise<Observed<{ bytes: Buffer; isWhole: boolean } | undefined>>
  /** Hashes an object without keeping it; undefined if there is none. `onChunk` may pause it. */
  hash: (
    key: string,
    algorithm: 'sha256' | 'sha512',
    onChunk: (bytes: number) => Promise<void>,
  ) => Promise<Observed<{ digest: string; bytes: number } | undefined>>
  /** The answer to a query about the bucket, such as `uploads`, as XML. */
  ask: (query: Record<string, string>, doing: string) => Promise<Observed<string>>
}

export interface BucketOptions {
  client: HttpClient
  location: S3Location
  /** The most requests at once. */
  concurrency: number
  /** Milliseconds since the epoch. */
  now: () => number
}

/** How many requests are repeated in a run. A storage that needs more is not busy, but broken. */
const maxRetries = 256
/** A thousand keys of 1024 bytes, each encoded as `%XX`, with what surrounds them. */
const maxListing = 8 * 1024 * 1024

/** Opens a bucket. Only GET requests are sent, each signed for the host of the location, and redirects are not followed. */
export function openBucket({ client, location, concurrency, now }: BucketOptions): Bucket {
  const pace = createPace({
    ...{ concurrency, maxRetries, signal: client.signal },
    retried: client.requestLog.retried,
  })

  const sendOnce = async <T>(
    url: URL,
    doing: string,
    turn: Turn,
    read: (response: Response) => Promise<Observed<T>>,
  ): Promise<Observed<T>> => {
    const { credentials, region } = location
    const response = await client.send({
      url,
      method: 'GET',
      headers: {},
      ...(credentials ? { credentials: signGet(url, { credentials, region, at: now() }) } : {}),
      role: 'storage',
      attempt: turn.attempt,
      keepRedirects: true,
    })
    if (!response.seen) return response
    const { status } = response.value
    if (status === 429 || status === 503) turn.overloaded()
    else turn.answered()
    if (status === 200 || (status === 404 && isAboutObject(url, location))) return read(response.value)
    return unseen(await refusalOf(response.value, location, doing, now()))
  }

  const get = <T>(
    url: URL,
    doing: string,
    read: (response: Response) => Promise<Observed<T>>,
  ): Promise<Observed<T>> => pace.run((turn) => sendOnce(url, doing, turn, read))

  const ask = (query: Record<string, string>, doing: string): Promise<Observed<string>> => {
    const url = new URL(location.base)
    url.search = encodeQuery(query)
    return get(url, doing, async (response) => {
      const body = await readBody(response, maxListing)
      if (body.end === 'cut') return unseen(body.why)
      if (body.end === 'whole') return seen(body.bytes.toString('utf8'))
      return unseen(badListing(location, 'is larger than 8 MiB a page'))
    })
  }

  const page = async (query: Record<string, string>, prefix: string): Promise<Observed<ListingPage>> => {
    const text = await ask({ 'list-type': '2', 'encoding-type': 'url', prefix, ...query }, 'list the bucket')
    if (!text.seen) return text
    const parsed = parseListing(text.value, prefix)
    return parsed.ok ? seen(parsed.page) : unseen(badListing(location, parsed.why))
  }

  /** Reads an object; undefined if there is none. */
  const getObject = <T>(
    key: string,
    read: (response: Response) => Promise<Observed<T>>,
  ): Promise<Observed<T | undefined>> => {
    const url = new URL(location.base)
    url.pathname += encodePath(key)
    return get<T | undefined>(url, `read ${key}`, async (response) => {
      if (response.status !== 404) return read(response)
      const refusal = await refusalOf(response, location, `read ${key}`, now())
      return refusal.code === 'NoSuchBucket' ? unseen(refusal) : seen(undefined)
    })
  }

  return {
    location,
    ask,
    hash: (key, algorithm, onChunk) =>
      getObject(key, async (response) => {
        const body = await streamBody(response, algorithm, Number.POSITIVE_INFINITY, (chunk) =>
          onChunk(chunk.length),
        )
        return body.end === 'cut' ? unseen(body.why) : seen({ digest: body.digest, bytes: body.received })
      }),
    peek: async (prefix, max) => {
      const first = await page({ delimiter: '/', 'max-keys': String(max) }, prefix)
      return first.seen ? seen([...first.value.folders, ...first.value.objects.map(({ key }) => key)]) : first
    },
    async *list(prefix) {
      let token: string | undefined
      let last = ''
      for (;;) {
        const found = await page(token === undefined ? {} : { 'continuation-token': token }, prefix)
        if (!found.seen) return yield found
        const { objects, next } = found.value
        const disorder = disorderIn(last, objects)
        if (disorder !== undefined) return yield unseen(badListing(location, disorder))
        last = objects.at(-1)?.key ?? last
        if (next !== undefined && objects.length === 0)
          return yield unseen(badListing(location, 'has a page without objects that is not the last one'))
        yield seen(objects)
        if (next === undefined) return
        token = next
      }
    },
    read: (key, cap) =>
      getObject(key, async (response) => {
        const body = await readBody(response, cap)
        if (body.end === 'cut') return unseen(body.why)
        return seen({ bytes: body.bytes, isWhole: body.end === 'whole' })
      }),
  }
}

const isAboutObject = (url: URL, { base }: S3Location): boolean => url.pathname !== base.pathname

/** A listing that cannot be trusted: what it leaves out would be taken for lost. */
const badListing = ({ base, name }: S3Location, why: string): S3Failure => ({
  ...failure('answer-invalid', base.host, 'body', `the listing of ${name} ${why}`),
  advice: `Scan again; if that does not help, ${base.host} does not list objects as S3 does.`,
})

/** The keys that are not in the order of S3, in which each page begins where the last one ended. */
function disorderIn(last: string, objects: ListedObject[]): string | undefined {
  let previous = last
  for (const { key } of objects) {
    if (previous !== '' && !isBefore(previous, key))
      return `is not in order (${previous} before ${key}), so it may be incomplete`
    previous = key
  }
  return undefined
}

/** S3 sorts keys by their bytes in UTF-8; the strings of JavaScript compare by UTF-16, which differs beyond the basic plane. */
const isBefore = (a: string, b: string): boolean =>
  a < b || Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0
