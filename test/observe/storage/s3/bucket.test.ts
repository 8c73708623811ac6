import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { type Bucket, openBucket } from '../../../../src/observe/storage/s3/bucket.ts'
import type { S3Failure } from '../../../../src/observe/storage/s3/refusal.ts'
import type { S3Location } from '../../../../src/settings/plan/s3-location.ts'
import { paperClock } from '../../../support/paper-clock.ts'
import { seenIn, useServers, useWires, whyOf } from '../../kit.ts'

vi.mock('node:timers/promises', async (real) =>
  (await import('../../../support/paper-clock.ts')).paperTimers(real),
)
afterEach(() => paperClock.reset())

const openClient = useWires()
const serve = useServers()

const secret = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'

/** What a person reads. */
const told = (why: S3Failure | undefined): string => `${why?.detail}. ${why?.advice}`

type Answer = { status?: number; headers?: Record<string, string>; body?: string }

/** A bucket on a server that answers as a test says; every request is kept. */
async function bucketOf(answer: (url: URL, turn: number) => Answer, change: Partial<S3Location> = {}) {
  const requests: IncomingMessage[] = []
  const { host } = await serve(
    createServer((request: IncomingMessage, response: ServerResponse) => {
      requests.push(request)
      const {
        status = 200,
        headers = {},
        body = '',
      } = answer(new URL(request.url ?? '', 'http://s3'), requests.length)
      response.writeHead(status, headers).end(body)
    }),
  )
  const location: S3Location = {
    ...{ name: 's3://images/reg', bucket: 'images', prefix: 'reg/', region: 'us-east-1' },
    base: new URL(`http://${host}/images/`),
    credentials: { accessKey: 'AKIAIOSFODNN7EXAMPLE', secretKey: secret },
    ...change,
  }
  const bucket = openBucket({ client: openClient(), location, concurrency: 4, now: Date.now })
  return { bucket, requests, host }
}

async function listed(bucket: Bucket) {
  const keys: string[] = []
  for await (const page of bucket.list('reg/')) {
    if (!page.seen) return { keys, why: page.why }
    keys.push(...page.value.map(({ key, size }) => `${key} ${size}`))
  }
  return { keys, why: undefined }
}

const page = (keys: string[], more = ''): Answer => ({
  body: `<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>images</Name>${more}${keys
    .map(
      (key) =>
        `<Contents><Key>${key}</Key><LastModified>2026-01-02T03:04:05.000Z</LastModified><ETag>&quot;x&quot;</ETag><Size>71</Size></Contents>`,
    )
    .join('')}</ListBucketResult>`,
})
const error = (code: string, more = '') =>
  `<?xml version="1.0"?><Error><Code>${code}</Code><Message>signed AWS4-HMAC-SHA256 by ${secret}</Message>${more}</Error>`

describe('a listing', () => {
  test('is read page by page, with every request signed', async () => {
    const { bucket, requests } = await bucketOf((url) =>
      url.searchParams.get('continuation-token') === 'a+b/='
        ? page(['reg/c', 'reg/d'])
        : page(
            ['reg/a', 'reg/b'],
            '<IsTruncated>true</IsTruncated><NextContinuationToken>a+b/=</NextContinuationToken>',
          ),
    )
    expect(await listed(bucket)).toEqual({
      keys: ['reg/a 71', 'reg/b 71', 'reg/c 71', 'reg/d 71'],
      why: undefined,
    })
    expect(requests.map(({ method }) => method)).toEqual(['GET', 'GET'])
    for (const { headers, url } of requests) {
      expect(headers.authorization).toMatch(
        /^AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE\/\d{8}\/us-east-1\/s3\//,
      )
      expect(url).toContain('list-type=2')
    }
  })

  test('is not signed without credentials', async () => {
    const { bucket, requests } = await bucketOf(() => page([]))
    bucket.location.credentials = undefined as never
    expect((await listed(bucket)).keys).toEqual([])
    expect(requests[0]?.headers.authorization).toBeUndefined()
  })

  test('may be encoded', async () => {
    const { bucket } = await bucketOf(() =>
      page(['reg%2Fa+b%2Fc', 'reg/b'], '<EncodingType>url</EncodingType>'),
    )
    expect((await listed(bucket)).keys).toEqual(['reg/a b/c 71', 'reg/b 71'])
  })

  test('may have entities in it', async () => {
    const { bucket } = await bucketOf(() => page(['reg/a&amp;b&#x41;&#66;']))
    expect((await listed(bucket)).keys).toEqual(['reg/a&bAB 71'])
  })

  test.each<[string, Answer, string]>([
    ['out of order', page(['reg/b', 'reg/a']), 'is not in order (reg/b before reg/a)'],
    ['with a key twice', page(['reg/a', 'reg/a']), 'is not in order'],
    ['outside of the prefix', page(['other/a']), 'has the key other/a, which does not begin with reg/'],
    ['with another count', page(['reg/a'], '<KeyCount>2</KeyCount>'), 'says that it has 2 keys, and has 1'],
    ['cut off', { body: (page(['reg/a']).body ?? '').slice(0, -5) }, 'breaks off before its end'],
    ['of something else', { body: '<html>welcome</html>' }, 'is not the answer of an S3 server'],
    [
      'without a next page',
      page(['reg/a'], '<IsTruncated>true</IsTruncated>'),
      'does not say how to ask for the rest',
    ],
    [
      'without a size',
      { body: '<ListBucketResult><Contents><Key>reg/a</Key><Size>-1</Size></Contents></ListBucketResult>' },
      'gives no size for reg/a',
    ],
    [
      'that never ends',
      page([], '<IsTruncated>true</IsTruncated><NextContinuationToken>x</NextContinuationToken>'),
      'has a page without objects',
    ],
    [
      'that repeats itself',
      page(['reg/a'], '<IsTruncated>true</IsTruncated><NextContinuationToken>x</NextContinuationToken>'),
      'is not in order (reg/a before reg/a)',
    ],
  ])('%s is refused', async (_, answer, why) => {
    const { bucket } = await bucketOf(() => answer)
    const { why: found } = await listed(bucket)
    expect(found?.detail).toContain('the listing of s3://images/reg')
    expect(found?.detail).toContain(why)
  })
})

describe('a refusal', () => {
  const region = { 'x-amz-bucket-region': 'eu-central-1' }
  test.each<[string, Answer, string]>([
    [
      'AccessDenied',
      { status: 403, body: error('AccessDenied') },
      'may not list the bucket (HTTP 403). Allow the key s3:ListBucket on the bucket images and s3:GetObject',
    ],
    [
      'InvalidAccessKeyId',
      { status: 403, body: error('InvalidAccessKeyId') },
      'does not know the access key. Check s3_access_key',
    ],
    [
      'SignatureDoesNotMatch',
      { status: 403, body: error('SignatureDoesNotMatch') },
      'rejects the signature: the secret key is another one. Check s3_secret_key',
    ],
    ['ExpiredToken', { status: 400, body: error('ExpiredToken') }, 'has expired'],
    ['NoSuchBucket', { status: 404, body: error('NoSuchBucket') }, 'there is no bucket images on 127.0.0.1'],
    [
      'another region',
      { status: 301, headers: region, body: error('PermanentRedirect') },
      'is in the region eu-central-1, not in us-east-1. Set s3_region: eu-central-1.',
    ],
    [
      'a wrong region in the signature',
      { status: 400, body: error('AuthorizationHeaderMalformed', '<Region>eu-west-3</Region>') },
      'is in the region eu-west-3, not in us-east-1. Set s3_region: eu-west-3.',
    ],
    [
      'a web page',
      { status: 404, body: '<html>not found</html>' },
      'not as an S3 server does. Check that s3_endpoint is the address of the S3 API',
    ],
    [
      'an unknown code',
      { status: 409, body: error('OperationAborted') },
      'refused to list the bucket (HTTP 409 OperationAborted)',
    ],
  ])('%s is explained, without a word of the server', async (_, answer, why) => {
    const { bucket, requests } = await bucketOf(() => answer)
    const { why: found } = await listed(bucket)
    expect(told(found)).toContain(why)
    expect(JSON.stringify(found)).not.toMatch(/AWS4|wJalr/)
    expect(requests).toHaveLength(1)
  })

  test('without credentials says how to set them', async () => {
    const { bucket } = await bucketOf(() => ({ status: 403, body: error('AccessDenied') }))
    bucket.location.credentials = undefined as never
    expect(told((await listed(bucket)).why)).toContain(
      'Set s3_access_key and s3_secret_key, or AWS_ACCESS_KEY_ID',
    )
  })

  test('for the clock says how wrong it is', async () => {
    const date = new Date(Date.now() + 40 * 60_000).toUTCString()
    const { bucket } = await bucketOf(() => ({
      status: 403,
      headers: { date },
      body: error('RequestTimeTooSkewed'),
    }))
    const { why } = await listed(bucket)
    expect(why).toMatchObject({ kind: 'clock-skew' })
    expect(why?.detail).toMatch(
      /the clock of this machine is (?:40 min|39 min 59 s) behind that of 127\.0\.0\.1/,
    )
  })

  test('that redirects is not followed, and nobody else gets the credentials', async () => {
    const other = await bucketOf(() => page([]))
    const { bucket } = await bucketOf(() => ({
      status: 307,
      headers: { location: `http://${other.host}/images/` },
      body: error('TemporaryRedirect'),
    }))
    const { why } = await listed(bucket)
    expect(why?.detail).toContain(`redirects requests for the bucket images to ${other.host}`)
    expect(other.requests).toHaveLength(0)
  })
})

describe('throttling', () => {
  test('is waited for, longer each time', async () => {
    const { bucket, requests } = await bucketOf((_, turn) =>
      turn < 4 ? { status: turn === 2 ? 429 : 503, body: error('SlowDown') } : page(['reg/a']),
    )
    expect((await listed(bucket)).keys).toEqual(['reg/a 71'])
    expect(requests).toHaveLength(4)
    expect(paperClock.waits).toHaveLength(3)
    expect(paperClock.waits).toEqual(paperClock.waits.toSorted((a, b) => a - b))
  })

  test('that does not end is reported', async () => {
    const { bucket, requests } = await bucketOf(() => ({ status: 503, body: error('SlowDown') }))
    expect((await listed(bucket)).why).toMatchObject({
      kind: 'rate-limited',
      detail: expect.stringContaining('throttles requests (HTTP 503 SlowDown)'),
      advice: expect.stringContaining('Set a lower concurrency'),
    })
    expect(requests).toHaveLength(4)
  })

  test('of all requests together ends, too', async () => {
    const { bucket, requests } = await bucketOf(() => ({ status: 503, body: error('SlowDown') }))
    const read = Array.from({ length: 120 }, (_, at) => bucket.read(`reg/${at}`, 10))
    expect((await Promise.all(read)).every((one) => !one.seen)).toBe(true)
    // Each is sent once; 256 of them again.
    expect(requests).toHaveLength(120 + 256)
  })
})

describe('an object', () => {
  test('is read up to a limit', async () => {
    const { bucket, requests } = await bucketOf(() => ({ body: '0123456789' }))
    const read = async (cap: number) => seenIn(await bucket.read('reg/a b+c', cap))
    expect(await read(10)).toEqual({ bytes: Buffer.from('0123456789'), isWhole: true })
    expect(await read(9)).toEqual({ bytes: Buffer.from('012345678'), isWhole: false })
    expect(requests[0]?.url).toBe('/images/reg/a%20b%2Bc')
  })

  test('may be absent, but not its bucket', async () => {
    const absent = await bucketOf(() => ({ status: 404, body: error('NoSuchKey') }))
    expect(seenIn(await absent.bucket.read('reg/a', 10))).toBeUndefined()
    const none = await bucketOf(() => ({ status: 404, body: error('NoSuchBucket') }))
    expect(whyOf(await none.bucket.read('reg/a', 10)).detail).toContain('there is no bucket images')
  })

  test('that may not be read is named', async () => {
    const { bucket } = await bucketOf(() => ({ status: 403, body: error('AccessDenied') }))
    expect(whyOf(await bucket.read('reg/a', 10)).detail).toContain('may not read reg/a')
  })
})
