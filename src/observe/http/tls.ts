import { isIP, type Socket } from 'node:net'
import {
  checkServerIdentity,
  getCACertificates,
  type PeerCertificate,
  connect as startTls,
  type TLSSocket,
} from 'node:tls'
import type { Failure } from '../../core/failure.ts'
import type { HostFact } from '../../facts/path.ts'
import { readCertsD, unusable } from './certs-d.ts'
import { ConnectionError, failure, failureOf } from './failures.ts'

/** What a handshake needs to know. */
export interface TlsOptions {
  tlsMs: number
  skipTlsVerify: boolean
  /** Certificate authorities to trust beside the built-in ones, in PEM form. */
  authorities: string[]
  /** Docker's certs.d, with certificates to show. */
  certsRoot: string
  /** Notes why a server ended a connection after the handshake: by then the requests on it only see that it closed. */
  ended: (host: string, why: Failure) => void
}

/**
 * Takes the TLS step on an open connection: HTTP/2 is offered first, the authorities and the client certificate of Docker's certs.d
 * count as those of the settings do. A certificate that is refused is told with what it says of itself.
 */
export async function handshake(
  socket: Socket,
  hostname: string,
  host: string,
  options: TlsOptions,
  protocols = ['h2', 'http/1.1'],
): Promise<TLSSocket> {
  const own = await readCertsD(host, options.certsRoot)
  const authorities = [...options.authorities, ...own.authorities]
  const corrupted = own.cert && own.key ? unusable(own.cert, own.key) : undefined
  if (corrupted) {
    socket.destroy()
    throw new ConnectionError(failure('tls-client-certificate', host, 'tls', corrupted))
  }
  return new Promise((done, fail) => {
    const tls = startTls({
      socket,
      host: hostname,
      ...(isIP(hostname) ? {} : { servername: hostname }),
      ALPNProtocols: protocols,
      // Judged below, where the certificate can still be seen.
      rejectUnauthorized: false,
      ...(authorities.length > 0 ? { ca: [...getCACertificates('default'), ...authorities] } : {}),
      ...(own.cert && own.key ? { cert: own.cert, key: own.key } : {}),
    })
    const timer = setTimeout(() => {
      const detail = `the TLS handshake took more than ${options.tlsMs / 1000} s`
      tls.destroy(new ConnectionError({ ...failure('tls-failed', host, 'tls', detail), ms: options.tlsMs }))
    }, options.tlsMs)
    const refuse = (error: Error) => {
      clearTimeout(timer)
      fail(new ConnectionError(failureOf(error, host, 'tls')))
    }
    tls.once('error', refuse)
    tls.once('close', () => refuse(Object.assign(new Error('closed'), { code: 'ECONNRESET' })))
    tls.once('secureConnect', () => {
      clearTimeout(timer)
      tls.removeAllListeners('error').removeAllListeners('close')
      // In TLS 1.3 the server judges the client's certificate after the client is done (RFC 8446, 4.4.2.4).
      tls.on('error', (error) => options.ended(host, failureOf(error, host, 'tls')))
      const refused = options.skipTlsVerify ? undefined : refusalOf(tls, hostname, host)
      if (!refused) return done(tls)
      tls.destroy()
      fail(new ConnectionError(refused))
    })
  })
}

/** Why a certificate is not accepted, with what it says of itself. */
function refusalOf(tls: TLSSocket, hostname: string, host: string): Failure | undefined {
  const cert = tls.getPeerCertificate()
  const code = tls.authorized ? '' : String(tls.authorizationError)
  const named = tls.authorized || code === misnamed ? checkServerIdentity(hostname, cert) : undefined
  if (tls.authorized && !named) return undefined
  const detail = named?.message ?? plainTls[code] ?? `the certificate is refused (${code})`
  const error = Object.assign(new Error(detail), { code: named ? misnamed : code })
  const found = failureOf(error, host, 'tls')
  return { ...found, evidence: [...found.evidence, ...certificateLines(cert)] }
}

const misnamed = 'ERR_TLS_CERT_ALTNAME_INVALID'

const plainTls: Record<string, string> = {
  CERT_HAS_EXPIRED: 'the certificate has expired',
  CERT_NOT_YET_VALID: 'the certificate is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is signed by itself',
  SELF_SIGNED_CERT_IN_CHAIN: 'its authority is not known here',
  UNABLE_TO_GET_ISSUER_CERT: 'its issuer is not known here',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its issuer is not known here',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its issuer is not known here, and the server does not send it',
}

/** What is kept of a certificate. */
export function certificateFact(tls: TLSSocket, options: TlsOptions): NonNullable<HostFact['tls']> {
  const cert = tls.getPeerCertificate()
  return {
    subject: nameOf(cert.subject),
    issuer: nameOf(cert.issuer),
    validTo: Date.parse(cert.valid_to),
    verified: tls.authorized && !options.skipTlsVerify,
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

function nameOf(subject: PeerCertificate['subject'] | undefined): string {
  const name = subject?.CN ?? subject?.O ?? 'no name'
  return Array.isArray(name) ? name.join(', ') : name
}
