import { request as startRequest } from 'node:http'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { Failure, Phase } from '../../core/failure.ts'
import type { AttemptFact, CertificateFact } from '../../facts/path/leg.ts'
import type { PhaseTimes } from '../../facts/path/phases.ts'
import { ConnectionError, failure, failureOf, stopped } from '../http/failures.ts'
import { stopwatch } from '../http/stopwatch.ts'
import { openSocket } from '../http/tcp.ts'
import { certificateFailure, handshakeUnverified, presentedCertificate } from '../http/tls.ts'
import { type LegRequest, type ProbeOptions, probeLimits } from './probe-leg.ts'
import { withSign } from './sign.ts'

/** A request to one address, with everything that was left to defaults filled in. */
export type AttemptRequest = Omit<LegRequest, 'addresses'> & {
  servername: string
  hostHeader: string
  secure: boolean
  port: number
}

/** How much of a body is read: enough for an answer of `/v2/` or a token, and for a packet of full size. */
const maxBodyBytes = 64 * 1024

/** What one attempt found. `location` and `challenge` are headers of the response. */
export type Attempt = AttemptFact & {
  certificate?: CertificateFact
  location?: string
  challenge?: string
}

/**
 * Sends one GET to one address on a connection of its own. Connection, handshake, response and body are separate steps on core
 * sockets, each with its own limit, so that a failure names its phase.
 */
export async function attempt(
  address: string,
  request: AttemptRequest,
  options: ProbeOptions,
): Promise<Attempt> {
  const { url, secure, servername, port } = request
  const limits = { ...probeLimits, ...options.limits }
  const result: Attempt = { at: options.now(), phases: {} }
  const lap = stopwatch()
  let socket: Socket | undefined
  const stop = () => socket?.destroy(new ConnectionError(stopped(url.host, options.signal)))
  options.signal.addEventListener('abort', stop, { once: true })
  try {
    if (options.signal.aborted) throw new ConnectionError(stopped(url.host, options.signal))
    const opened = openSocket(address, port, url.host, limits.connectMs)
    socket = opened.socket
    await opened.result.finally(() => {
      result.phases.connect = lap()
    })
    if (secure) {
      const tls = await secured(socket, request, options, limits.tlsMs).finally(() => {
        result.phases.tls = lap()
      })
      socket = tls
      const certificate = presentedCertificate(tls)
      if (certificate) result.certificate = certificate
      const refused = options.skipTlsVerify(url.host)
        ? undefined
        : certificateFailure(tls, servername, url.host)
      if (refused) throw new ConnectionError(refused)
    }
    await exchange(socket, request, options, limits, result)
  } catch (error) {
    const why = options.signal.aborted
      ? stopped(url.host, options.signal)
      : failureOf(error, url.host, 'headers')
    result.failure = await withSign(
      { addresses: [address], port, ...tookMs(why, result.phases), ...why },
      address,
      port,
    )
  } finally {
    options.signal.removeEventListener('abort', stop)
    socket?.destroy()
  }
  return result
}

/** How long the phase took that failed. */
function tookMs({ phase }: Failure, { connect, tls, headers, body }: PhaseTimes): Pick<Failure, 'ms'> {
  const times: Partial<Record<Phase, number | undefined>> = { connect, tls, headers, body }
  const ms = times[phase]
  return ms === undefined ? {} : { ms }
}

const secured = (
  socket: Socket,
  { url, servername }: AttemptRequest,
  options: ProbeOptions,
  tlsMs: number,
): Promise<TLSSocket> =>
  handshakeUnverified(socket, servername, url.host, { ...options, tlsMs, onLateError: () => {} }, [
    'http/1.1',
  ])

/** Sends the request and reads the response; fills in status and phases. */
function exchange(
  socket: Socket,
  { url, headers, hostHeader }: AttemptRequest,
  options: ProbeOptions,
  limits: typeof probeLimits,
  result: Attempt,
): Promise<void> {
  const lap = stopwatch()
  return new Promise((done, fail) => {
    let timer = limit(limits.headersMs, 'headers')
    function limit(ms: number, phase: 'headers' | 'body') {
      return setTimeout(() => {
        const detail =
          phase === 'headers'
            ? `no response within ${ms / 1000} s after the request was sent`
            : `the response stopped before its end, for ${ms / 1000} s`
        const why: Failure = { ...failure('answer-timeout', url.host, phase, detail), ms }
        result.phases[phase] = lap()
        fail(new ConnectionError(why))
      }, ms)
    }
    const end = (error?: Error) => {
      clearTimeout(timer)
      if (error) fail(error)
      else done()
    }
    const sent = startRequest({
      method: 'GET',
      path: `${url.pathname}${url.search}`,
      headers: { host: hostHeader, 'user-agent': options.userAgent, connection: 'close', ...headers },
      createConnection: () => socket,
    })
    sent.once('error', (error) => {
      result.phases.headers ??= lap()
      end(new ConnectionError(failureOf(error, url.host, 'headers')))
    })
    sent.once('response', (response) => {
      clearTimeout(timer)
      timer = limit(limits.bodyMs, 'body')
      result.phases.headers = lap()
      result.status = response.statusCode ?? 0
      const { location, 'www-authenticate': challenge } = response.headers
      if (location !== undefined) result.location = location
      if (challenge !== undefined) result.challenge = challenge
      let bytes = 0
      const finish = (error?: Error) => {
        result.phases.body ??= lap()
        end(error)
      }
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        if (bytes >= maxBodyBytes) finish()
      })
      response.once('end', () => finish())
      response.once('error', (error) => finish(new ConnectionError(failureOf(error, url.host, 'body'))))
    })
    sent.end()
  })
}
