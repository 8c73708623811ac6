import { connect, type Socket } from 'node:net'
import { ConnectionError, failure, failureOf, stopped } from './failures.ts'

/** RFC 8305, section 5: how long an address may be silent before the next one is tried beside it. */
const staggerMs = 250

/**
 * Connects to the first of the addresses that answers. They are tried in the resolver's order, the next one
 * beside the last after 250 ms, so that one dead address costs little. When all fail, the first
 * address's trouble is told, with every address's in the evidence.
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
      const begin = () => {
        const address = addresses[next]
        if (address === undefined) return
        next += 1
        const attempt = openSocket(address, port, host, options.connectMs)
        attempts.push(attempt)
        const stagger = setTimeout(begin, staggerMs)
        attempt.result.then(
          (socket) => {
            clearTimeout(stagger)
            done({ socket, address })
          },
          (error: ConnectionError) => {
            clearTimeout(stagger)
            failures.push(error)
            if (failures.length === addresses.length) fail(together(failures))
            else begin()
          },
        )
      }
      if (addresses.length === 0) {
        fail(new ConnectionError(failure('name-not-resolved', host, 'dns', 'the name has no address')))
      }
      begin()
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

function openSocket(address: string, port: number, host: string, connectMs: number): Attempt {
  const socket = connect({ host: address, port, noDelay: true, keepAlive: true })
  const place = { addresses: [address], port }
  const started = performance.now()
  let settled = false
  const result = new Promise<Socket>((done, fail) => {
    const timer = setTimeout(() => {
      const detail = `no answer from ${address} port ${port} in ${connectMs / 1000} s`
      const why = failure('connection-timeout', host, 'connect', detail)
      settle(() => fail(new ConnectionError({ ...why, ...place, ms: connectMs })))
      socket.destroy()
    }, connectMs)
    const settle = (how: () => void) => {
      if (settled) return
      settled = true
      clearTimeout(timer)
      how()
    }
    socket.once('connect', () => settle(() => done(socket)))
    socket.once('error', (error) =>
      settle(() => {
        const found = failureOf(error, host, 'connect')
        const detail = `${address} port ${port}: ${found.detail}`
        fail(new ConnectionError({ ...found, ...place, ms: Math.round(performance.now() - started), detail }))
      }),
    )
    socket.once('close', () =>
      settle(() => fail(new ConnectionError(failure('connection-cut', host, 'connect', 'closed')))),
    )
  })
  result.then(
    () => socket.removeAllListeners('error').removeAllListeners('close'),
    () => {},
  )
  return { socket, result }
}

function together(failures: ConnectionError[]): ConnectionError {
  const [first, ...rest] = failures
  if (!first) throw new Error('no attempt failed')
  return new ConnectionError({
    ...first.failure,
    addresses: failures.flatMap(({ failure: one }) => one.addresses ?? []),
    evidence: [...first.failure.evidence, ...rest.map(({ failure: other }) => other.detail)],
  })
}
