import { connect, isIPv6, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { execa } from 'execa'
import type { TcpInfo } from '../../../facts/path/mtu.ts'
import type { HostAccess } from '../../runner/host-access.ts'
import { readTcpInfo } from './tcp-info.ts'

export interface ProbeOptions {
  address: string
  port: number
  access: HostAccess
  /** Where programs are searched. */
  path: string
  signal: AbortSignal
}

/** The result of one connection. `unusable`: it could not be opened, or a program is missing. */
export type Probe =
  | { state: 'done'; received: number; closed: boolean; info?: TcpInfo }
  | { state: 'unusable'; why: string; missing: boolean }

/** Long enough for four transmissions of a lost packet: Linux repeats it after 0.2, 0.6 and 1.4 s and the round trip time. */
const limitMs = 2000
const connectMs = 3000
/** A response has ended when nothing arrives for this long: a server sends its part of the handshake at once. */
const quietMs = 400
/** Between the two packets of a message that is sent in two. */
const betweenMs = 50

/** An open connection, or why there is none. */
export type Connection =
  | { state: 'open'; socket: Socket }
  | { state: 'unusable'; why: string; missing: false }

/** Opens a connection on which nothing is sent yet. The largest segments of both directions are agreed on here. */
export async function openConnection({ address, port, signal }: ProbeOptions): Promise<Connection> {
  const socket = connect({ host: address, port, noDelay: true })
  const failed = await new Promise<string | undefined>((done) => {
    socket.once('connect', () => done(undefined))
    socket.once('error', (error: NodeJS.ErrnoException) => done(error.code ?? error.message))
    after(connectMs, signal, () => done(`no connection within ${connectMs / 1000} s`))
  })
  socket.on('error', () => {})
  if (failed === undefined) return { state: 'open', socket }
  socket.destroy()
  return { state: 'unusable', why: failed, missing: false }
}

/**
 * Sends a message in the given parts and reads until nothing more comes, at most 2 s. The connection's state is read before it is
 * closed.
 */
export async function probeOn(
  connection: Connection,
  parts: Buffer[],
  options: ProbeOptions,
): Promise<Probe> {
  if (connection.state === 'unusable') return connection
  const { address, port, access, signal } = options
  const { socket } = connection
  const received = countingOf(socket)
  try {
    for (const [at, part] of parts.entries()) {
      if (at > 0) await wait(betweenMs)
      socket.write(part)
    }
    await received.enough(Number.POSITIVE_INFINITY, signal)
    const { localPort = 0 } = socket
    const found = await readTcpInfo(access, { address, port, localPort })
    if (!found.ok) return { state: 'unusable', why: found.why, missing: found.missing }
    const { info } = found
    return { state: 'done', received: received.bytes(), closed: received.ended(), ...(info ? { info } : {}) }
  } finally {
    // Not a normal end: the kernel would repeat a lost message for a minute.
    socket.resetAndDestroy()
  }
}

/**
 * Sends a message on a connection that tells the server to send segments of at most `mss` bytes (TCP_MAXSEG), and reads until `enough`
 * bytes came, or nothing more does. Node cannot set this option; socat can.
 */
export async function probeWithMss(
  mss: number,
  message: Buffer,
  enough: number,
  options: ProbeOptions,
): Promise<Probe> {
  const { address, port, path, signal } = options
  const to = isIPv6(address) ? `TCP6:[${address}]:${port}` : `TCP4:${address}:${port}`
  const ended = new AbortController()
  const socat = execa('socat', ['-', `${to},mss=${mss},connect-timeout=${connectMs / 1000}`], {
    reject: false,
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'ignore',
    buffer: false,
    timeout: connectMs + limitMs,
    cancelSignal: AbortSignal.any([signal, ended.signal]),
    forceKillAfterDelay: 500,
    extendEnv: false,
    env: { PATH: `${path}:/usr/sbin:/sbin`, LC_ALL: 'C' },
  })
  const received = countingOf(socat.stdout)
  socat.stdin.on('error', () => {})
  socat.stdin.write(message)
  try {
    await received.enough(enough, signal)
    if (received.bytes() === 0 && received.ended()) {
      const { code } = await socat
      const missing = code === 'ENOENT' || code === 'EACCES'
      const why = missing ? 'socat is not installed' : 'the connection could not be opened, or was closed'
      return { state: 'unusable', why, missing }
    }
    return { state: 'done', received: received.bytes(), closed: received.ended() }
  } finally {
    ended.abort()
    await socat
  }
}

/** Counts the bytes of a stream. */
function countingOf(stream: NodeJS.ReadableStream) {
  let bytes = 0
  let ended = false
  let changed = () => {}
  stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    changed()
  })
  const end = () => {
    ended = true
    changed()
  }
  stream.on('end', end)
  stream.on('close', end)
  return {
    bytes: () => bytes,
    ended: () => ended,
    /** Waits until this many bytes came, the stream ended, nothing more comes, or the time is over. */
    enough: (count: number, signal: AbortSignal) =>
      new Promise<void>((done) => {
        let quiet: NodeJS.Timeout | undefined
        const limit = after(limitMs, signal, () => finish())
        const finish = () => {
          clearTimeout(quiet)
          limit()
          done()
        }
        changed = () => {
          if (bytes >= count || ended) return finish()
          // Where a number is awaited, the rest may still be repeated.
          if (bytes === 0 || Number.isFinite(count)) return
          clearTimeout(quiet)
          quiet = setTimeout(finish, quietMs)
        }
        changed()
      }),
  }
}

/** Calls back after a time or when the run is stopped; returns what cancels that. */
function after(ms: number, signal: AbortSignal, then: () => void): () => void {
  const timer = setTimeout(then, signal.aborted ? 0 : ms)
  signal.addEventListener('abort', then, { once: true })
  return () => {
    clearTimeout(timer)
    signal.removeEventListener('abort', then)
  }
}
