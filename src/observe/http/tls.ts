import type { Socket } from 'node:net'
import {
  checkServerIdentity,
  getCACertificates,
  type PeerCertificate,
  connect as startTls,
  type TLSSocket,
} from 'node:tls'
import type { Failure } from '../../core/failure.ts'
import type { CertificateFact } from '../../facts/path/leg.ts'
import type { HostFact } from '../../facts/path.ts'
import { isAddress } from '../../net/ip.ts'
import { keyPairError, readCertsD } from './certs-d.ts'
import { ConnectionError, failure, failureOf } from './failures.ts'

/** The settings of a TLS handshake. */
export interface TlsOptions {
  /** The limit for the handshake, in milliseconds. */
  tlsMs: number
  /** Whether the certificate of a host, name and port, is accepted as it is. */
  skipTlsVerify: (host: string) => boolean
  /** Certificate authorities to trust in addition to the built-in ones, in PEM form. */
  authorities: string[]
  /** Docker's certs.d: authorities and client certificates by host. */
  certsRoot: string
  /** A client certificate with its key, in PEM form, for hosts that have none in certs.d. */
  client?: { cert: string; key: string }
  /** Called when the server ends a connection after the handshake; requests on it only see that it was closed. */
  onLateError: (host: string, why: Failure) => void
  /** Called with a connection on which the handshake timed out, before it is closed. */
  onStall?: (socket: Socket) => Promise<void>
}

/**
 * Runs the TLS handshake on an open connection and verifies the certificate for `hostname`. `host` is the name and port for
 * failures; the first of `protocols` is preferred. Docker's certs.d adds authorities and a client certificate. Throws a
 * ConnectionError; for a certificate that is not accepted, the evidence has its subject, issuer, dates and names.
 */
export async function handshake(
  socket: Socket,
  hostname: string,
  host: string,
  options: TlsOptions,
  protocols = ['h2', 'http/1.1'],
): Promise<TLSSocket> {
  const tls = await handshakeUnverified(socket, hostname, host, options, protocols)
  const refused = options.skipTlsVerify(host) ? undefined : certificateFailure(tls, hostname, host)
  if (!refused) return tls
  tls.destroy()
  throw new ConnectionError(refused)
}

/**
 * Like `handshake`, but accepts any certificate, so that it can be read. `servername` is what the server is told; it is not told a
 * bare address (RFC 6066, section 3).
 */
export async function handshakeUnverified(
  socket: Socket,
  servername: string,
  host: string,
  options: TlsOptions,
  protocols: string[],
): Promise<TLSSocket> {
  const own = await readCertsD(host, options.certsRoot)
  const authorities = [...options.authorities, ...own.authorities]
  const pair = own.cert && own.key ? { cert: own.cert, key: own.key } : options.client
  const pairError = pair && keyPairError(pair.cert, pair.key)
  if (pairError) {
    socket.destroy()
    throw new ConnectionError(failure('tls-client-certificate', host, 'tls', pairError))
  }
  return new Promise((done, fail) => {
    const tls = startTls({
      socket,
      host: servername,
      ...(isAddress(servername) ? {} : { servername }),
      ALPNProtocols: protocols,
      rejectUnauthorized: false,
      ...(authorities.length > 0 ? { ca: [...getCACertificates('default'), ...authorities] } : {}),
      ...pair,
    })
    let isOpen = false
    const timer = setTimeout(async () => {
      const detail = `TLS handshake timed out after ${options.tlsMs / 1000} s`
      await options.onStall?.(socket)
      if (isOpen) return
      tls.destroy(new ConnectionError({ ...failure('tls-timeout', host, 'tls', detail), ms: options.tlsMs }))
    }, options.tlsMs)
    const refuse = (error: Error) => {
      clearTimeout(timer)
      fail(new ConnectionError(failureOf(error, host, 'tls')))
    }
    tls.once('error', refuse)
    tls.once('close', () => refuse(Object.assign(new Error('closed'), { code: 'ECONNRESET' })))
    tls.once('secureConnect', () => {
      isOpen = true
      clearTimeout(timer)
      tls.removeAllListeners('error').removeAllListeners('close')
      // In TLS 1.3 the server verifies the client's certificate after the client has finished (RFC 8446, 4.4.2.4).
      tls.on('error', (error) => options.onLateError(host, failureOf(error, host, 'tls')))
      done(tls)
    })
  })
}

/** Why the server's certificate is not accepted for `hostname`; undefined if it is. */
export function certificateFailure(tls: TLSSocket, hostname: string, host: string): Failure | undefined {
  const cert = tls.getPeerCertificate()
  const code = tls.authorized ? '' : String(tls.authorizationError)
  const mismatch = tls.authorized || code === nameMismatch ? checkServerIdentity(hostname, cert) : undefined
  if (tls.authorized && !mismatch) return undefined
  const detail = mismatch
    ? `the certificate is not valid for ${hostname}, only for ${namesOf(cert)}`
    : (certificateErrors[code] ?? `the certificate was rejected (${code})`)
  const error = Object.assign(new Error(detail), { code: mismatch ? nameMismatch : code })
  const found = failureOf(error, host, 'tls')
  return { ...found, evidence: [...found.evidence, ...certificateLines(cert)] }
}

const nameMismatch = 'ERR_TLS_CERT_ALTNAME_INVALID'

const certificateErrors: Record<string, string> = {
  CERT_HAS_EXPIRED: 'the certificate has expired',
  CERT_NOT_YET_VALID: 'the certificate is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'the root CA of the certificate is not trusted',
  UNABLE_TO_GET_ISSUER_CERT: 'the issuer of the certificate is not trusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the issuer of the certificate is not trusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'the issuer of the certificate is not trusted, and the server does not send it',
}

/** The facts of the server's certificate. */
export function certificateFact(
  tls: TLSSocket,
  host: string,
  options: TlsOptions,
): NonNullable<HostFact['tls']> {
  const cert = tls.getPeerCertificate()
  return {
    subject: nameOf(cert.subject),
    issuer: nameOf(cert.issuer),
    validTo: Date.parse(cert.valid_to),
    verified: tls.authorized && !options.skipTlsVerify(host),
  }
}

/** The certificate that the server presented; undefined if it presented none. */
export function presentedCertificate(tls: TLSSocket): CertificateFact | undefined {
  const cert = tls.getPeerCertificate()
  if (!cert?.fingerprint256) return undefined
  return {
    subject: nameOf(cert.subject),
    issuer: nameOf(cert.issuer),
    names: namesOf(cert).split(', '),
    validFrom: Date.parse(cert.valid_from),
    validTo: Date.parse(cert.valid_to),
    sha256: cert.fingerprint256.replaceAll(':', '').toLowerCase(),
  }
}

function certificateLines(cert: PeerCertificate): string[] {
  if (!cert?.subject) return []
  return [
    `certificate of ${nameOf(cert.subject)}, issued by ${nameOf(cert.issuer)}`,
    `valid from ${cert.valid_from} to ${cert.valid_to}`,
    ...(cert.subjectaltname ? [`names: ${cert.subjectaltname}`] : []),
  ]
}

/** The names that a certificate is valid for: its alternative names, or its common name if it has none. */
const namesOf = ({ subject, subjectaltname }: PeerCertificate): string =>
  subjectaltname?.replaceAll(/(?:DNS|IP Address):/g, '') ?? nameOf(subject)

function nameOf(subject: PeerCertificate['subject'] | undefined): string {
  const name = subject?.CN ?? subject?.O ?? 'no name'
  return Array.isArray(name) ? name.join(', ') : name
}
