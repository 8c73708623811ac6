import * as z from 'zod'
import type { Failure } from '../../core/failure.ts'
import type { Observed } from '../../core/observed.ts'
import { seen, unseen } from '../../core/observed.ts'
import { addressClass, isLoopback } from '../../net/address-class.ts'
import { bareMediaType } from '../../oci/media-types.ts'
import { whoOf } from '../credentials/credential.ts'
import { readBody } from '../http/body.ts'
import type { HttpClient } from '../http/client.ts'
import { failure } from '../http/failures.ts'
import type { Response } from '../http/response.ts'
import { retryAfterMs, type Waiting } from '../http/retries.ts'
import { readRefusal } from './refusal.ts'
import { getToken, postToken, type TokenRequest } from './token-request.ts'
import { grantedBy } from './token-scope.ts'

const answer = z.object({
  token: z.string().optional(),
  access_token: z.string().optional(),
  scope: z.unknown().optional(),
})

/** A token answer larger than this is none. */
const cap = 64 * 1024

/** A token, and the scope it was given for, as far as it tells. */
export interface Token {
  token: string
  granted: string
}

/**
 * Gets a bearer token: by GET, the form every registry answers (distribution, docs/spec/auth/token.md); by POST with an
 * identity token, or where GET is not served (docs/spec/auth/oauth.md). Gives the token, or why there is none.
 */
export async function fetchToken(client: HttpClient, request: TokenRequest): Promise<Observed<Token>> {
  const registry = request.base.host
  const realm = request.challenge.parameters.realm
  if (!realm || !URL.canParse(realm, request.base.href)) {
    const detail = realm ? 'the realm of its challenge is no address' : 'its challenge names no realm'
    return unseen(
      failure('auth-challenge-invalid', registry, 'token', detail, realm ? [`realm ${realm}`] : []),
    )
  }
  const url = new URL(realm, request.base.href)
  const refused = unsafe(url, request) ?? (await inside(url, request, client))
  if (refused)
    return unseen(failure('auth-challenge-invalid', registry, 'token', refused, [`realm ${url.origin}`]))
  const identity = request.credential?.kind === 'identity'
  const first = await (identity ? postToken : getToken)(client, url, request)
  if (!first.seen)
    return unseen(first.why.kind === 'run-stopped' ? first.why : serverFailure(first.why, registry))
  if (!request.credential || !isNotServed(first.value.status)) return readToken(first.value, url, request)
  first.value.discard()
  const second = await (identity ? getToken : postToken)(client, url, request)
  if (!second.seen) return unseen(serverFailure(second.why, registry))
  return readToken(second.value, url, request)
}

/** Forgejo's POST is a 404 stub, others say 405: that form is not served here, and nothing is refused. */
const isNotServed = (status: number): boolean => status === 404 || status === 405

function unsafe(url: URL, { base, insecure, credential }: TokenRequest): string | undefined {
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    return `its realm uses ${url.protocol}, not https:`
  const near = isLoopback(url.hostname) || addressClass(url.hostname.replace(/^\[|\]$/g, '')) === 'link-local'
  if (near && !isLoopback(base.hostname)) return "its realm is at an address of this machine's own"
  if (url.protocol === 'https:' || insecure || isLoopback(url.hostname) || !credential) return undefined
  return 'its realm is plain http, and credentials are not sent over that'
}

/** A registry leads to a token server as it leads to a storage, with a login beside it (docs/decisions/0006-inward-addresses.md). */
async function inside(url: URL, { base }: TokenRequest, client: HttpClient): Promise<string | undefined> {
  const found = await client.internalAddress(base, url)
  if (!found) return undefined
  const allowed = found.reached === 'private' ? '; private_redirects: true allows that' : ''
  return `its realm is at ${found.address}, a ${found.reached} address, and the registry is not${allowed}`
}

const serverFailure = (why: Failure, registry: string): Failure => ({
  ...failure('token-server-unreachable', why.host, 'token', why.detail),
  evidence: [`${registry} sends clients to ${why.host} for a token`, ...why.evidence],
})

async function readToken(response: Response, url: URL, request: TokenRequest): Promise<Observed<Token>> {
  const { status } = response
  if (status === 401 || status === 403) return unseen(await refusedLogin(response, request, url.host))
  if (status !== 200) {
    const { code, message } = await readRefusal(response)
    const waitMs = retryAfterMs(response.header('retry-after'), request.now())
    const wait = waitMs === undefined ? '' : `, and asks to wait ${Math.ceil(waitMs / 1000)} s`
    const detail = `the token server answered ${`${status} ${code || message}`.trim()}${wait}`
    const why: Waiting = {
      ...failure(kindOf(status), url.host, 'token', detail),
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
  const detail =
    end === 'whole'
      ? `its answer (${contentType || 'no content type'}) holds no token`
      : `its answer did not end within ${cap / 1024} KiB`
  const begins = bytes.toString('utf8')
  // An answer that is nearly right may hold a secret; a page for people does not.
  const evidence = contentType === 'text/html' ? [`it begins: ${begins}`] : []
  return unseen(failure('token-response-invalid', url.host, 'token', detail, evidence))
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
  const said = [refusal.code, refusal.message].filter(Boolean).join(' ')
  const evidence = said ? [`${host} said: ${said}`] : []
  const { status } = refusal
  if (!credential) {
    const detail = 'no credentials were sent, and it gives no token without them'
    return { ...failure('denied-or-missing', base.host, 'token', detail, evidence), status }
  }
  const detail = `the token server refused ${whoOf(credential)}`
  return { ...failure('bad-credentials', base.host, 'token', detail, evidence), status }
}

function tokenIn(bytes: Buffer): Token | undefined {
  try {
    const { data } = answer.safeParse(JSON.parse(bytes.toString('utf8')))
    const token = data?.token || data?.access_token
    // What cannot stand in a header is no token (RFC 6750, 2.1), and must not become a mask for the whole log.
    return token && /^[\x21-\x7e]{1,32768}$/.test(token)
      ? { token, granted: grantedBy(token, data?.scope) }
      : undefined
  } catch {
    return undefined
  }
}
