import { lookup } from 'node:dns/promises'
import { isIP, type Socket } from 'node:net'
import {
  checkServerIdentity,
  type PeerCertificate,
  rootCertificates,
  connect as startTls,
  type TLSSocket,
} from 'node:tls'
import type { buildConnector } from 'undici'
import { hostsFileAddresses } from './hosts-file.ts'
import type { Ledger } from './ledger.ts'
import { connectAny } from './tcp.ts'
import { RoadError, trouble, troubleOf } from './trouble.ts'

export interface DialOptions {
  ledger: Ledger
  connectMs: number
  tlsMs: number
  skipTlsVerify: boolean
  /** Certificate authorities to trust beside the built-in ones, in PEM form. */
  authorities: string[]
  signal: AbortSignal
}

/**
 * A connector for undici that takes the steps one by one: name, TCP, TLS, each with a limit of its own.
 * undici's own reports a slow resolver, a TCP black hole and a TLS stall alike as a connect timeout.
 */
export function createDialer(options: DialOptions): buildConnector.connector {
  return (target, callback) => {
    dial(target, options).then(
      (socket) => callback(null, socket),
      (error: unknown) => callback(error instanceof Error ? error : new Error(String(error)), null),
    )
  }
}

async function dial(target: buildConnector.Options, options: DialOptions): Promise<Socket | TLSSocket> {
  const secure = target.protocol === 'https:'
  const hostname = target.hostname.replace(/^\[|\]$/g, '')
  const port = Number(target.port) || (secure ? 443 : 80)
  const host = target.port ? `${target.hostname}:${target.port}` : target.hostname
  const { addresses, source } = await resolve(hostname, host, options)
  const { socket, address } = await connectAny(addresses, port, host, options)
  const road = { addresses: [address], source }
  if (!secure) {
    options.ledger.connected(host, { ...road, protocol: 'http', http2: false })
    return socket
  }
  const tls = await handshake(socket, hostname, host, options)
  options.ledger.connected(host, {
    ...road,
    protocol: 'https',
    http2: tls.alpnProtocol === 'h2',
    tls: certificateFact(tls, options),
  })
  return tls
}

async function resolve(hostname: string, host: string, options: DialOptions) {
  if (isIP(hostname)) return { addresses: [hostname], source: 'address' as const }
  try {
    const found = await withLimit(lookup(hostname, { all: true, verbatim: true }), options.connectMs)
    const addresses = found.map(({ address }) => address)
    const pinned = await hostsFileAddresses(hostname)
    const source = addresses.some((address) => pinned.includes(address))
      ? ('hosts file' as const)
      : ('DNS' as const)
    return { addresses, source }
  } catch (error) {
    if (error instanceof LimitError) {
      const detail = `the resolver gave no answer in ${options.connectMs / 1000} s`
      throw new RoadError(trouble('name-not-resolved', host, 'dns', detail))
    }
    throw new RoadError({ ...troubleOf(error, host, 'dns'), kind: 'name-not-resolved' })
  }
}

function handshake(socket: Socket, hostname: string, host: string, options: DialOptions): Promise<TLSSocket> {
  return new Promise((done, fail) => {
    const tls = startTls({
      socket,
      host: hostname,
      ...(isIP(hostname) ? {} : { servername: hostname }),
      ALPNProtocols: ['h2', 'http/1.1'],
      rejectUnauthorized: !options.skipTlsVerify,
      ...(options.authorities.length > 0 ? { ca: [...rootCertificates, ...options.authorities] } : {}),
      checkServerIdentity: (name, cert) => checkServerIdentity(isIP(hostname) ? hostname : name, cert),
    })
    const timer = setTimeout(() => {
      const detail = `the TLS handshake took more than ${options.tlsMs / 1000} s`
      tls.destroy(new RoadError(trouble('tls-failed', host, 'tls', detail)))
    }, options.tlsMs)
    const refuse = (error: Error) => {
      clearTimeout(timer)
      const found = troubleOf(error, host, 'tls')
      fail(
        new RoadError({
          ...found,
          evidence: [...found.evidence, ...certificateLines(tls.getPeerCertificate())],
        }),
      )
    }
    tls.once('error', refuse)
    tls.once('close', () => refuse(Object.assign(new Error('closed'), { code: 'ECONNRESET' })))
    tls.once('secureConnect', () => {
      clearTimeout(timer)
      tls.removeAllListeners('error').removeAllListeners('close')
      done(tls)
    })
  })
}

function certificateFact(tls: TLSSocket, options: DialOptions) {
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

class LimitError extends Error {}

async function withLimit<T>(work: Promise<T>, limitMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(new LimitError()), limitMs)
  })
  try {
    return await Promise.race([work, limit])
  } finally {
    clearTimeout(timer)
  }
}
