import * as z from 'zod'
import type { Failure } from '../../core/failure.ts'
import type { Observed } from '../../core/observed.ts'
import { seen, unseen } from '../../core/observed.ts'
import { isLoopback } from '../../net/address-class.ts'
import { bareMediaType } from '../../oci/media-types.ts'
import { describeCredential } from '../credentials/credential.ts'
import { readBody } from '../http/body.ts'
import type { HttpClient } from '../http/client.ts'
import { failure } from '../http/failures.ts'
import { placeText, settingHint } from '../http/internal-address.ts'
import type { Response } from '../http/response.ts'
import { type RetryableFailure, retryAfterMs } from '../http/retries.ts'
import { errorEvidence } from './login-failures.ts'
import { readRefusal } from './refusal.ts'
import { retryAfterText } from './response-failure.ts'
import { getToken, postToken, type TokenRequest } from './token-request.ts'
import { grantedScope } from './token-scope.ts'

const tokenResponse = z.object({
  token: z.string().optional(),
  access_token: z.string().optional(),
  scope: z.unknown().optional(),
})

/** The most that is read of a token response. */
const cap = 64 * 1024

/** A token, and the scope that it grants; '' if that is unknown. */
export interface Token {
  token: string
  granted: string
}

/**
 * Requests a bearer token: by GET, which every registry supports (distribution, docs/spec/auth/token.md); by POST for an identity
 * token, or where GET is not supported (docs/spec/auth/oauth.md).
 */
export async function fetchToken(client: HttpClient, request: TokenRequest): Promise<Observed<Token>> {
  const registry = request.base.host
  const realm = request.challenge.parameters.realm
  if (!realm || !URL.canParse(realm, request.base.href)) {
    const detail = realm
      ? 'the realm of the authentication challenge is not a URL'
      : 'the authentication challenge has no realm'
    return unseen(
      failure('auth-challenge-invalid', registry, 'token', detail, realm ? [`realm ${realm}`] : []),
    )
  }
  const url = new URL(realm, request.base.href)
  const refused = unsafeRealm(url, request) ?? (await internalRealm(url, request, client))
  if (refused)
    return unseen(failure('auth-challenge-invalid', registry, 'token', refused, [`realm ${url.origin}`]))
  const identity = request.credential?.kind === 'identity'
  const first = await (identity ? postToken : getToken)(client, url, request)
  if (!first.seen)
    return unseen(first.why.kind === 'run-stopped' ? first.why : serverFailure(first.why, registry))
  if (!request.credential || !isUnsupported(first.value.status)) return readToken(first.value, url, request)
  first.value.discard()
  const second = await (identity ? getToken : postToken)(client, url, request)
  if (!second.seen) return unseen(serverFailure(second.why, registry))
  return readToken(second.value, url, request)
}

/** The token server does not support this method: Forgejo answers POST with 404, others with 405. No login is refused. */
const isUnsupported = (status: number): boolean => status === 404 || status === 405

/** Why a realm must not be requested, by its URL alone; undefined if it may be. */
function unsafeRealm(url: URL, { insecure, credential }: TokenRequest): string | undefined {
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    return `the realm uses ${url.protocol}, not https:`
  if (url.protocol === 'https:' || insecure || isLoopback(url.hostname) || !credential) return undefined
  return 'the realm uses plain HTTP, over which credentials are not sent'
}

/** Why a realm must not be requested, by its addresses: the rules are those for redirects (docs/decisions/0006-internal-addresses.md). */
async function internalRealm(
  url: URL,
  { base }: TokenRequest,
  client: HttpClient,
): Promise<string | undefined> {
  const found = await client.internalAddress(base, url)
  if (!found) return undefined
  const registry = found.from.assumed
    ? `${base.host} is behind a proxy and counts as public`
    : 'the registry is not'
  return `the realm is at ${placeText(found.address, found.class)}, ${registry}${settingHint(found)}`
}

function serverFailure(why: Failure, registry: string): Failure {
  const evidence = [`${registry} names ${why.host} as its token server`, ...why.evidence]
  // The dialer refused: the realm's name has come to resolve to an internal address.
  return why.kind === 'redirect-refused' && why.phase === 'dns'
    ? failure('auth-challenge-invalid', registry, 'token', `realm ${why.host}: ${why.detail}`, evidence)
    : { ...why, kind: 'token-server-unreachable', evidence }
}

async function readToken(response: Response, url: URL, request: TokenRequest): Promise<Observed<Token>> {
  const { status } = response
  if (status === 401 || status === 403) return unseen(await refusedLogin(response, request, url.host))
  if (status !== 200) {
    const evidence = errorEvidence(url.host, await readRefusal(response))
    const waitMs = retryAfterMs(response.header('retry-after'), request.now())
    const detail = `HTTP ${status} from the token server${retryAfterText(waitMs)}`
    const why: RetryableFailure = {
      ...failure(kindOf(status), url.host, 'token', detail, evidence),
      status,
      ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }),
    }
    return unseen(why)
  }
  const contentType = bareMediaType(response.header('content-type') ?? '')
  const { bytes, end } = await readBody(response, cap)
  const token = end === 'whole' ? tokenIn(bytes) : undefined
  if (token) {
    request.keepSecret(token.token)
    return seen(token)
  }
  const details = {
    whole: `no token in the response (${contentType || 'no content type'})`,
    capped: `the token response is larger than ${cap / 1024} KiB`,
    cut: 'the token response was cut off',
  }
  // A response that is nearly right may contain a secret; an HTML page does not.
  const evidence = contentType === 'text/html' ? [`response: ${bytes.toString('utf8')}`] : []
  return unseen(failure('token-response-invalid', url.host, 'token', details[end], evidence))
}

function kindOf(status: number): Failure['kind'] {
  if (status === 429) return 'rate-limited'
  return status >= 500 ? 'token-server-unreachable' : 'token-response-invalid'
}

async function refusedLogin(
  response: Response,
  { credential, base }: TokenRequest,
  host: string,
): Promise<Failure> {
  const refusal = await readRefusal(response)
  const evidence = errorEvidence(host, refusal)
  const { status } = refusal
  if (!credential) {
    const detail = 'the token server requires a login, no credentials were sent'
    return { ...failure('denied-or-missing', base.host, 'token', detail, evidence), status }
  }
  const detail = `the token server refused the login of ${describeCredential(credential)}`
  return { ...failure('bad-credentials', base.host, 'token', detail, evidence), status }
}

function tokenIn(bytes: Buffer): Token | undefined {
  try {
    const { data } = tokenResponse.safeParse(JSON.parse(bytes.toString('utf8')))
    const token = data?.token || data?.access_token
    // A value that does not fit into a header is not a token (RFC 6750, 2.1), and must not become a mask for the whole log.
    return token && /^[\x21-\x7e]{1,32768}$/.test(token)
      ? { token, granted: grantedScope(token, data?.scope) }
      : undefined
  } catch {
    return undefined
  }
}
