import { connect } from 'node:net'
import { performance } from 'node:perf_hooks'
import type { Dial } from '../../../facts/runner.ts'

export interface DialLimits {
  /** How long the first answer may take. */
  limitMs: number
  /** How long a service that speaks first may be silent once connected; 0 waits for no word. */
  bannerMs: number
  /** Ends the wait for the first answer: whoever is silent until then counts as silent. */
  silence: AbortSignal
  /** Ends everything. */
  signal: AbortSignal
  /** Told as soon as the host answered at all, by opening or by refusing. */
  answered: () => void
}

/** What the codes of a failed connect mean (measured: REJECT rules, dead neighbours and missing routes). */
const results: Record<string, Dial['result']> = {
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  ENETDOWN: 'unreachable',
  EADDRNOTAVAIL: 'unreachable',
  ETIMEDOUT: 'timeout',
}

/** Opens one TCP connection, sends nothing, and closes it. Never fails: how it ended is the value. */
export function dial(address: string, port: number, limits: DialLimits): Promise<Dial> {
  const { limitMs, bannerMs, silence, signal, answered } = limits
  const began = performance.now()
  const elapsed = () => tenths(performance.now() - began)
  return new Promise((done) => {
    const socket = connect({ host: address, port })
    let open: Dial | undefined
    let timer = setTimeout(stopWaiting, limitMs)
    const end = (found: Dial) => {
      clearTimeout(timer)
      silence.removeEventListener('abort', stopWaiting)
      signal.removeEventListener('abort', stopAll)
      socket.removeAllListeners().on('error', () => {})
      socket.destroy()
      done(found)
    }
    const stopAll = () => end(open ?? { port, result: 'timeout', ms: elapsed() })
    /** After one more round of the event loop: where it was blocked, answers lie in the kernel that nobody has read yet. */
    function stopWaiting() {
      setImmediate(() => {
        if (open === undefined) end({ port, result: 'timeout', ms: elapsed() })
      })
    }
    const heard = (banner: 'came' | 'closed' | 'silent') => {
      if (open) end({ ...open, banner, bannerMs: tenths(elapsed() - open.ms) })
    }
    socket.once('connect', () => {
      open = { port, result: 'open', ms: elapsed() }
      answered()
      if (bannerMs === 0) return end(open)
      clearTimeout(timer)
      timer = setTimeout(() => setImmediate(heard, 'silent'), bannerMs)
      socket.once('data', () => heard('came'))
      socket.once('end', () => heard('closed'))
    })
    socket.once('error', (error: NodeJS.ErrnoException) => {
      const { code = 'unknown' } = error
      // A reset comes on a connection: it was open, though too short for Node to say so.
      if (code === 'ECONNRESET' && open === undefined) {
        open = { port, result: 'open', ms: elapsed() }
        answered()
      }
      if (open) return heard('closed')
      const result = results[code] ?? 'failed'
      if (result === 'refused') answered()
      end({ port, result, ms: elapsed(), code })
    })
    silence.addEventListener('abort', stopWaiting, { once: true })
    signal.addEventListener('abort', stopAll, { once: true })
    if (signal.aborted) stopAll()
    else if (silence.aborted) stopWaiting()
  })
}

/** Milliseconds, to a tenth. */
export const tenths = (ms: number): number => Math.round(ms * 10) / 10
