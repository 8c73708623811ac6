import { connect } from 'node:net'
import { performance } from 'node:perf_hooks'
import type { Dial } from '../../../facts/runner.ts'

export interface DialLimits {
  /** How long to wait for the connection to be accepted or refused. */
  limitMs: number
  /** How long to wait for a banner once connected; 0 does not wait. */
  bannerMs: number
  /** Ends the wait for the connection: a port without an answer by then is a timeout. */
  silence: AbortSignal
  /** Ends the whole attempt. */
  signal: AbortSignal
  /** Called as soon as the host accepts or refuses the connection. */
  onAnswer: () => void
}

/** The meaning of the codes of a failed connect (measured with REJECT rules, dead neighbours and missing routes). */
const resultOfCode: Record<string, Dial['result']> = {
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  ENETDOWN: 'unreachable',
  EADDRNOTAVAIL: 'unreachable',
  ETIMEDOUT: 'timeout',
}

/** Opens one TCP connection, sends nothing, and closes it. Never rejects: the outcome is the value. */
export function dial(address: string, port: number, limits: DialLimits): Promise<Dial> {
  const { limitMs, bannerMs, silence, signal, onAnswer } = limits
  const began = performance.now()
  const elapsed = () => tenths(performance.now() - began)
  return new Promise((resolve) => {
    const socket = connect({ host: address, port })
    let open: Dial | undefined
    let timer = setTimeout(stopWaiting, limitMs)
    const end = (outcome: Dial) => {
      clearTimeout(timer)
      silence.removeEventListener('abort', stopWaiting)
      signal.removeEventListener('abort', stopAll)
      socket.removeAllListeners().on('error', () => {})
      socket.destroy()
      resolve(outcome)
    }
    const stopAll = () => end(open ?? { port, result: 'timeout', ms: elapsed() })
    /** Waits for one more turn of the event loop: if it was blocked, an answer may have arrived that is not yet read. */
    function stopWaiting() {
      setImmediate(() => {
        if (open === undefined) end({ port, result: 'timeout', ms: elapsed() })
      })
    }
    const endWithBanner = (banner: 'came' | 'closed' | 'silent') => {
      if (open) end({ ...open, banner, bannerMs: tenths(elapsed() - open.ms) })
    }
    socket.once('connect', () => {
      open = { port, result: 'open', ms: elapsed() }
      onAnswer()
      if (bannerMs === 0) return end(open)
      clearTimeout(timer)
      timer = setTimeout(() => setImmediate(endWithBanner, 'silent'), bannerMs)
      socket.once('data', () => endWithBanner('came'))
      socket.once('end', () => endWithBanner('closed'))
    })
    socket.once('error', (error: NodeJS.ErrnoException) => {
      const { code = 'unknown' } = error
      // A reset means that the port was open, though for too short a time for Node to emit `connect`.
      if (code === 'ECONNRESET' && open === undefined) {
        open = { port, result: 'open', ms: elapsed() }
        onAnswer()
      }
      if (open) return endWithBanner('closed')
      const result = resultOfCode[code] ?? 'failed'
      if (result === 'refused') onAnswer()
      end({ port, result, ms: elapsed(), code })
    })
    silence.addEventListener('abort', stopWaiting, { once: true })
    signal.addEventListener('abort', stopAll, { once: true })
    if (signal.aborted) stopAll()
    else if (silence.aborted) stopWaiting()
  })
}

/** Rounds milliseconds to a tenth. */
export const tenths = (ms: number): number => Math.round(ms * 10) / 10
