import type { Failure, FailureKind } from '../../../core/failure.ts'
import { durationText } from '../../../core/units.ts'
import type { S3Location } from '../../../settings/plan/s3-location.ts'
import { readBody } from '../../http/body.ts'
import { failure } from '../../http/failures.ts'
import type { Response } from '../../http/response.ts'
import { retryAfterMs } from '../../http/retries.ts'
import { textOf } from './xml.ts'

/** A failure, with what to do about it if that is known. */
export type S3Failure = Failure & { advice?: string; retryAfterMs?: number }

/** A request that was refused. */
interface Refusal {
  response: Response
  location: S3Location
  /** What was asked for, in words that follow “may not”. */
  doing: string
  code: string
  now: number
}

type Verdict = [kind: FailureKind, detail: string, advice: string]

/**
 * Why a server refused a request, in one sentence. Nothing of the server's own text is in it but a code and a region: the text may quote
 * a signature.
 */
export async function refusalOf(
  response: Response,
  location: S3Location,
  doing: string,
  now: number,
): Promise<S3Failure> {
  const body = (await readBody(response, 64 * 1024)).bytes.toString('utf8')
  const given = textOf(body, 'Code') ?? ''
  const refusal = { response, location, doing, now, code: /^[A-Za-z0-9.]{1,64}$/.test(given) ? given : '' }
  const [kind, detail, advice] = aboutRegion(refusal, body) ?? judge(refusal)
  const wait = retryAfterMs(response.header('retry-after'), now)
  return {
    ...failure(kind, response.host, 'headers', detail),
    ...{ status: response.status, url: response.url, advice },
    ...(refusal.code === '' ? {} : { code: refusal.code }),
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
  }
}

/** Servers name the region of a bucket that is not in the one of the request. */
function aboutRegion({ response, location }: Refusal, body: string): Verdict | undefined {
  const region = response.header('x-amz-bucket-region') ?? textOf(body, 'Region') ?? ''
  const isRegion = /^[a-z0-9][a-z0-9-]{0,40}$/.test(region) && region !== location.region
  if (!isRegion || response.status < 300 || response.status >= 500) return undefined
  return [
    'storage-forbidden',
    `the bucket ${location.bucket} is in the region ${region}, not in ${location.region}`,
    `Set s3_region: ${region}.`,
  ]
}

const throttled = new Set(['SlowDown', 'TooManyRequests', 'RequestLimitExceeded', 'Throttling'])

function judge(refusal: Refusal): Verdict {
  const { response, location, doing, code } = refusal
  const { host, status } = response
  const known = byCode[code]?.(refusal)
  if (known) return known
  if (status === 429 || throttled.has(code))
    return [
      'rate-limited',
      `${host} throttles requests (HTTP ${status}${code === '' ? '' : ` ${code}`})`,
      'Set a lower concurrency, such as 4, or scan when the storage is less busy.',
    ]
  if (status >= 300 && status < 400) return redirected(response, location)
  if (status === 401 || status === 403) return denied(refusal)
  const answer = `HTTP ${status}${code === '' ? '' : ` ${code}`}`
  if (status >= 500)
    return [
      'registry-unavailable',
      `${host} could not ${doing} (${answer})`,
      'Look at the log of the S3 server, and scan again.',
    ]
  if (code === '')
    return [
      'answer-invalid',
      `${host} answered HTTP ${status}, and not as an S3 server does`,
      'Check that s3_endpoint is the address of the S3 API, not of a console or a proxy.',
    ]
  return [
    'answer-invalid',
    `${host} refused to ${doing} (${answer})`,
    'Look up the code in the documentation of the S3 server.',
  ]
}

const byCode: Record<string, (refusal: Refusal) => Verdict> = {
  NoSuchBucket: ({ location, response }) => [
    'storage-forbidden',
    `there is no bucket ${location.bucket} on ${response.host}`,
    'Check the name in storage, and s3_endpoint: the registry names them as storage.s3.bucket and regionendpoint.',
  ],
  InvalidAccessKeyId: ({ response }) => [
    'storage-forbidden',
    `${response.host} does not know the access key`,
    'Check s3_access_key (or AWS_ACCESS_KEY_ID).',
  ],
  SignatureDoesNotMatch: ({ response }) => [
    'storage-forbidden',
    `${response.host} rejects the signature: the secret key is another one`,
    'Check s3_secret_key (or AWS_SECRET_ACCESS_KEY).',
  ],
  ExpiredToken: () => token('has expired'),
  InvalidToken: () => token('is not valid'),
  RequestTimeTooSkewed: ({ response, now }) => [
    'clock-skew',
    `the clock of this machine ${skewText(response, now)} ${response.host}, so signatures are rejected`,
    'Synchronise the clock of this machine (timedatectl status), and scan again.',
  ],
}

const token = (what: string): Verdict => [
  'storage-forbidden',
  `the session token ${what}`,
  'Get new temporary credentials, and set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN.',
]

const denied = ({ location: { bucket, credentials }, doing, response }: Refusal): Verdict =>
  credentials
    ? [
        'storage-forbidden',
        `the access key may not ${doing} (HTTP ${response.status})`,
        `Allow the key s3:ListBucket on the bucket ${bucket} and s3:GetObject on its objects.`,
      ]
    : [
        'storage-forbidden',
        `nobody may ${doing} without credentials (HTTP ${response.status})`,
        'Set s3_access_key and s3_secret_key, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
      ]

function skewText(response: Response, now: number): string {
  const difference = Date.parse(response.header('date') ?? '') - now
  if (Number.isNaN(difference)) return 'differs by more than 15 min from that of'
  return `is ${durationText(Math.abs(difference))} ${difference > 0 ? 'behind' : 'ahead of'} that of`
}

/** Credentials are never sent on, so a redirect is for a person to follow. */
function redirected(response: Response, { bucket }: S3Location): Verdict {
  const target = response.header('location') ?? ''
  const host = URL.canParse(target, response.url) ? new URL(target, response.url).host : response.host
  const to = host === response.host ? 'elsewhere' : `to ${host}`
  return [
    'redirect-refused',
    `${response.host} redirects requests for the bucket ${bucket} ${to}; credentials are not sent on`,
    'Set s3_endpoint and s3_region to where the bucket is.',
  ]
}
