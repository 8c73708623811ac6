import { connect, isIPv6, type Socket } from 'node:net'
import type { Failure } from '../../core/failure.ts'
import { ConnectionError, failure, failureOf, stopped } from './failures.ts'

/** How long to wait for one address before the next one is tried in parallel (RFC 8305, section 5). */
const staggerMs = 250

/**
 * Connects to the first address that answers. Addresses are tried in the resolver's order, each 250 ms after the one before, so
 * that a dead address costs little. Throws a ConnectionError when all fail: the failure of the first address, with those of the
 * others as evidence.
 */
export async function connectAny(
  addresses: string[],
  port: number,
  host: string,
  options: { connectMs: number; signal: AbortSignal },
): Promise<{ socket: Socket; address: string }> {
  if (options.signal.aborted) throw new ConnectionError(stopped(host, options.signal))
  const failures: ConnectionError[] = []
  const attempts: Attempt[] = []
  let winner: Socket | undefined
  try {
    const connected = await new Promise<{ socket: Socket; address: string }>((done, fail) => {
      let next = 0
      const tryNext = () => {
        const address = addresses[next]
        if (address === undefined) return
        next += 1
        const attempt = openSocket(address, port, host, options.connectMs)
        attempts.push(attempt)
        const stagger = setTimeout(tryNext, staggerMs)
        attempt.result.then(
          (socket) => {
            clearTimeout(stagger)
            done({ socket, address })
          },
          (error: ConnectionError) => {
            clearTimeout(stagger)
            failures.push(error)
            if (failures.length === addresses.length) fail(combineFailures(failures))
            else tryNext()
          },
        )
      }
      if (addresses.length === 0) {
        fail(new ConnectionError(failure('name-not-resolved', host, 'dns', 'the name has no IP address')))
      }
      tryNext()
    })
    winner = connected.socket
    return connected
  } finally {
    for (const { socket } of attempts) if (socket !== winner) socket.destroy()
  }
}

interface Attempt {
  socket: Socket
  result: Promise<Socket>
}

/**
 * Starts to connect to one address, within `connectMs`. `host` is the name and port for failures; the result rejects with a
 * ConnectionError.
 */
export function openSocket(address: string, port: number, host: string, connectMs: number): Attempt {
  const socket = connect({ host: address, port, noDelay: true, keepAlive: true })
  const endpoint = isIPv6(address) ? `[${address}]:${port}` : `${address}:${port}`
  const started = performance.now()
  let settled = false
  const result = new Promise<Socket>((done, fail) => {
    const timer = setTimeout(() => {
      const detail = `connection to ${endpoint} timed out after ${connectMs / 1000} s`
      const why = failure('connection-timeout', host, 'connect', detail)
      settle(() => fail(new ConnectionError({ ...why, addresses: [address], port, ms: connectMs })))
      socket.destroy()
    }, connectMs)
    const settle = (finish: () => void) => {
      if (settled) return
      settled = true
      clearTimeout(timer)
      finish()
    }
    socket.once('connect', () => settle(() => done(socket)))
    socket.once('error', (error) =>
      settle(() => {
        const why = failureOf(error, host, 'connect')
        const ms = Math.round(performance.now() - started)
        const detail = connectDetail(why, endpoint)
        fail(new ConnectionError({ ...why, addresses: [address], port, ms, detail }))
      }),
    )
    socket.once('close', () =>
      settle(() =>
        fail(
          new ConnectionError(
            failure(
              'connection-cut',
              host,
              'connect',
              `connection to ${endpoint} closed before it was established`,
            ),
          ),
        ),
      ),
    )
  })
  result.then(
    () => socket.removeAllListeners('error').removeAllListeners('close'),
    () => {},
  )
  return { socket, result }
}

/** What happened, with the endpoint: `connection to 192.0.2.10:443 refused`. */
function connectDetail({ kind, detail }: Failure, endpoint: string): string {
  if (kind === 'connection-refused') return `connection to ${endpoint} refused`
  if (kind === 'connection-timeout') return `connection to ${endpoint} timed out`
  return `connection to ${endpoint} failed: ${detail}`
}

/** The first failure, with all addresses, and the details of the others as evidence. */
function combineFailures(failures: ConnectionError[]): ConnectionError {
  const [first, ...rest] = failures
  if (!first) throw new Error('no attempt failed')
  return new ConnectionError({
    ...first.failure,
    addresses: failures.flatMap(({ failure: one }) => one.addresses ?? []),
    evidence: [...first.failure.evidence, ...rest.map(({ failure: other }) => other.detail)],
  })
}
