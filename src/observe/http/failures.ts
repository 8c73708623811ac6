import type { Failure, FailureKind, Phase } from '../../core/failure.ts'
import type { Observed } from '../../core/observed.ts'

/** Carries a trouble through a callback that wants an Error. It never leaves `observe/`. */
export class ConnectionError extends Error {
  readonly failure: Failure
  constructor(failure: Failure) {
    super(`${failure.kind} ${failure.host}: ${failure.detail}`)
    this.failure = failure
  }
}

/** A not-seen observation. */
export const unseen = <T>(why: Failure): Observed<T> => ({ seen: false, why })

/** A seen observation. */
export const seen = <T>(value: T): Observed<T> => ({ seen: true, value })

/** Builds a trouble. */
export function failure(
  kind: FailureKind,
  host: string,
  phase: Phase,
  detail: string,
  evidence: string[] = [],
): Failure {
  return { kind, host, phase, detail, evidence }
}

/** Why an AbortSignal ended things: a signal, or a limit that ran out. */
export const stopped = (host: string, signal: AbortSignal): Failure =>
  failure(
    'run-stopped',
    host,
    'request',
    signal.reason instanceof Error ? signal.reason.message : 'the run was stopped',
  )

const tlsKinds: Record<string, FailureKind> = {
  CERT_HAS_EXPIRED: 'tls-expired',
  CERT_NOT_YET_VALID: 'tls-expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'tls-name-mismatch',
  UNABLE_TO_GET_ISSUER_CERT: 'tls-untrusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'tls-untrusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'tls-untrusted',
  SELF_SIGNED_CERT_IN_CHAIN: 'tls-untrusted',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'tls-untrusted',
  ERR_SSL_WRONG_VERSION_NUMBER: 'tls-plain-http',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'tls-plain-http',
}

const socketKinds: Record<string, FailureKind> = {
  ECONNREFUSED: 'connection-refused',
  ECONNRESET: 'connection-cut',
  EPIPE: 'connection-cut',
  UND_ERR_SOCKET: 'connection-cut',
  EHOSTUNREACH: 'host-unreachable',
  ENETUNREACH: 'host-unreachable',
  EADDRNOTAVAIL: 'host-unreachable',
  ETIMEDOUT: 'connection-timeout',
  ENOTFOUND: 'name-not-resolved',
  EAI_AGAIN: 'name-not-resolved',
  UND_ERR_HEADERS_TIMEOUT: 'answer-timeout',
  UND_ERR_BODY_TIMEOUT: 'answer-timeout',
  UND_ERR_HEADERS_OVERFLOW: 'answer-invalid',
}

/** The trouble in an error that a socket, TLS or undici threw. Codes measured on Node 24 and undici 8. */
export function failureOf(error: unknown, host: string, phase: Phase): Failure {
  if (error instanceof ConnectionError) return error.failure
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : undefined
  if (cause instanceof ConnectionError) return cause.failure
  const code = codeOf(error) ?? codeOf(cause) ?? ''
  const message = error instanceof Error ? error.message : String(error)
  if (tlsKinds[code]) return failure(tlsKinds[code], host, 'tls', message, [code])
  if (aboutClient.test(code)) {
    return failure('tls-client-certificate', host, 'tls', 'it wants another client certificate', [
      alertIn(message),
    ])
  }
  if (code.startsWith('ERR_SSL') || code.startsWith('ERR_TLS')) {
    return failure('tls-failed', host, 'tls', alertIn(message), [code])
  }
  const unparsed = [error, cause].some((one) => one instanceof Error && one.name === 'HTTPParserError')
  if (unparsed || code.startsWith('HPE_'))
    return failure('answer-invalid', host, 'headers', 'what came is no HTTP', [])
  const kind = socketKinds[code]
  if (kind === 'connection-cut' && phase === 'tls') {
    return failure('tls-failed', host, 'tls', 'the connection was closed during the TLS handshake', [code])
  }
  if (kind) return failure(kind, host, phase, plainWords[code] ?? message, [code])
  return failure('connection-cut', host, phase, message, code ? [code] : [])
}

/** Alerts about a certificate come from the server, and so are about the client's (RFC 8446, section 6.2). */
const aboutClient =
  /^ERR_SSL_.*ALERT_(?:BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|CERTIFICATE_\w+|UNKNOWN_CA|ACCESS_DENIED)$/

/** The words in `407D…:error:0A000412:SSL routines:ssl3_read_bytes:ssl/tls alert bad certificate:../deps/…:SSL alert number 42`. */
const alertIn = (message: string): string => /SSL routines:[^:]*:([^:]+):/.exec(message)?.[1] ?? message

const plainWords: Record<string, string> = {
  ECONNREFUSED: 'nothing listens on that port',
  ECONNRESET: 'the connection was reset',
  UND_ERR_SOCKET: 'the other side closed the connection',
  EPIPE: 'the other side closed the connection',
  EHOSTUNREACH: 'there is no route to the host, or a firewall refuses it',
  ENETUNREACH: 'there is no route to that network',
  ENOTFOUND: 'no resolver knows the name',
  EAI_AGAIN: 'the resolver did not answer',
}

function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined
  return typeof code === 'string' ? code : undefined
}
