import type { Failure, FailureKind, FailureSign, Phase } from '../../core/failure.ts'

/** Carries a failure through APIs that require an Error. It never leaves `observe/`. */
export class ConnectionError extends Error {
  readonly failure: Failure
  constructor(failure: Failure) {
    super(`${failure.kind} ${failure.host}: ${failure.detail}`)
    this.failure = failure
  }
}

/** Builds a failure. `host` is name and port as in the URL, `detail` the part of a sentence that says what happened. */
export function failure(
  kind: FailureKind,
  host: string,
  phase: Phase,
  detail: string,
  evidence: string[] = [],
): Failure {
  return { kind, host, phase, detail, evidence }
}

/**
 * The failure of everything that an abort ended: the run got a signal, or its time limit passed. A request that was sent has the phase
 * `headers` or `body` that it waited for.
 */
export const stopped = (
  host: string,
  signal: AbortSignal,
  phase: 'request' | 'headers' | 'body' = 'request',
): Failure =>
  failure(
    'run-stopped',
    host,
    phase,
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
}

/** OpenSSL's errors for a first record that is not TLS. Plain HTTP is the usual cause; another protocol looks the same. */
const notTls = new Set(['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG'])

const socketKinds: Record<string, FailureKind> = {
  ECONNREFUSED: 'connection-refused',
  ECONNRESET: 'connection-cut',
  EPIPE: 'connection-cut',
  UND_ERR_SOCKET: 'connection-cut',
  EHOSTUNREACH: 'host-unreachable',
  ENETUNREACH: 'host-unreachable',
  EADDRNOTAVAIL: 'host-unreachable',
  // What connect() gives for a `prohibit` and for a `blackhole` route of this machine.
  EACCES: 'host-unreachable',
  EINVAL: 'host-unreachable',
  ETIMEDOUT: 'connection-timeout',
  ENOTFOUND: 'name-not-resolved',
  EAI_AGAIN: 'name-not-resolved',
  UND_ERR_HEADERS_TIMEOUT: 'answer-timeout',
  UND_ERR_BODY_TIMEOUT: 'answer-timeout',
  UND_ERR_HEADERS_OVERFLOW: 'answer-invalid',
}

/**
 * The failure for an error that a socket, TLS or undici threw in this phase. Error codes measured on Node 24 and undici 8; an
 * unknown code is a `connection-cut`.
 */
export function failureOf(error: unknown, host: string, phase: Phase): Failure {
  if (error instanceof ConnectionError) return error.failure
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : undefined
  if (cause instanceof ConnectionError) return cause.failure
  const code = codeOf(error) ?? codeOf(cause) ?? ''
  const message = error instanceof Error ? error.message : String(error)
  if (tlsKinds[code]) return failure(tlsKinds[code], host, 'tls', message, [code])
  if (code.startsWith('ERR_SSL') || code.startsWith('ERR_TLS')) return tlsFailure(code, message, host)
  const unparsed = [error, cause].some((one) => one instanceof Error && one.name === 'HTTPParserError')
  if (unparsed || code.startsWith('HPE_'))
    return failure('answer-invalid', host, 'headers', 'the response is not valid HTTP', [])
  const kind = socketKinds[code]
  if (kind === 'connection-cut' && phase === 'tls') {
    const sign = signOf(error)
    const detail = `connection ${sign === 'reset' ? 'reset' : 'closed'} during the TLS handshake`
    return { ...failure('tls-failed', host, 'tls', detail, [code]), sign }
  }
  if (kind === 'connection-cut') {
    const sign = signOf(error)
    const detail = sign === 'close' ? 'connection closed by the server' : (socketErrors[code] ?? message)
    return { ...failure(kind, host, phase, detail, [code]), sign }
  }
  if (kind) return failure(kind, host, phase, socketErrors[code] ?? message, [code])
  return failure('connection-cut', host, phase, message, code ? [code] : [])
}

/** A reset is an error of a system call; Node gives the same code to a connection that the server closes in order (Node 24). */
const signOf = (error: unknown): FailureSign =>
  error instanceof Error && (error as NodeJS.ErrnoException).syscall !== undefined ? 'reset' : 'close'

/** A failed handshake: what happened in plain words, OpenSSL's own text as evidence. */
function tlsFailure(code: string, message: string, host: string): Failure {
  const evidence = [alertText(message), code]
  if (notTls.has(code)) {
    const detail = 'the server answered the TLS handshake without TLS, most likely in plain HTTP'
    return failure('tls-plain-http', host, 'tls', detail, evidence)
  }
  if (clientCertificateAlert.test(code))
    return failure('tls-client-certificate', host, 'tls', certificateRefused, evidence)
  const [, detail = 'the TLS handshake failed'] = handshakeErrors.find(([form]) => form.test(code)) ?? []
  return failure('tls-failed', host, 'tls', detail, evidence)
}

/** Alerts about a certificate are sent by the server, so they are about the client's certificate (RFC 8446, section 6.2). */
const clientCertificateAlert =
  /^ERR_SSL_.*ALERT_(?:BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|CERTIFICATE_\w+|UNKNOWN_CA|ACCESS_DENIED)$/

/** The detail of `tls-client-certificate` where it is not known what was sent. */
export const certificateRefused = 'the server rejected the client certificate, or requires one and got none'

/** The commonest reasons of OpenSSL for a failed handshake, by the end of their codes. */
const handshakeErrors: [form: RegExp, detail: string][] = [
  [
    /HANDSHAKE_FAILURE$/,
    'the server rejected the TLS handshake: no common parameters, or no client certificate',
  ],
  [/(?:PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL)$/, 'no common TLS version'],
  [/(?:INSUFFICIENT_SECURITY|NO_SHARED_CIPHER|NO_CIPHERS_AVAILABLE)$/, 'no common TLS cipher'],
  [/UNRECOGNIZED_NAME$/, 'the server rejected the TLS handshake: it does not know the host name'],
  [/INTERNAL_ERROR$/, 'the server failed during the TLS handshake'],
]

/** The reason in `407D…:error:0A000412:SSL routines:ssl3_read_bytes:ssl/tls alert bad certificate:../deps/…:SSL alert number 42`. */
const alertText = (message: string): string => /SSL routines:[^:]*:([^:]+):/.exec(message)?.[1] ?? message

const socketErrors: Record<string, string> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  UND_ERR_SOCKET: 'connection closed by the server',
  EPIPE: 'connection closed by the server',
  EHOSTUNREACH: 'no route to the host, or a firewall rejected the connection',
  ENETUNREACH: 'no route to the network',
  EADDRNOTAVAIL: 'no local address to connect from',
  EACCES: 'a route of this machine prohibits it',
  EINVAL: 'a route of this machine discards it',
  ETIMEDOUT: 'connection timed out',
  ENOTFOUND: 'no configured DNS server resolves the name',
  EAI_AGAIN: 'the DNS server did not answer',
  UND_ERR_HEADERS_TIMEOUT: 'no response in time',
  UND_ERR_BODY_TIMEOUT: 'the response stopped before its end',
  UND_ERR_HEADERS_OVERFLOW: 'the response headers are too large',
}

function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined
  return typeof code === 'string' ? code : undefined
}
