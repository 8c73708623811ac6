import { count, durationText } from '../core/units.ts'

/** The progress of a long run: a live line on a terminal, a line every few seconds in a log. */
export interface Progress {
  change: (change: { found?: number; done?: number }) => void
  end: () => void
}

export interface ProgressOptions {
  /** Writes the live line of a terminal; undefined elsewhere. */
  live?: (text: string) => void
  info: (text: string) => void
  now: () => number
  every: (ms: number, run: () => void) => () => void
}

const liveMs = 100
const logMs = 5000

/** Shows the progress until it is ended. A run that ends within the first interval shows none. */
export function startProgress({ live, info, now, every }: ProgressOptions): Progress {
  const startedAt = now()
  let [found, done] = [0, 0]
  const text = () =>
    found === 0
      ? `inspecting, ${durationText(now() - startedAt)}`
      : `${done} of ${count(found, 'object')} inspected, ${durationText(now() - startedAt)}`
  const stop = every(live ? liveMs : logMs, () => (live ? live(`\r\u001b[K${text()}`) : info(`… ${text()}`)))
  return {
    change: (change) => {
      found += change.found ?? 0
      done += change.done ?? 0
    },
    end: () => {
      stop()
      live?.('\r\u001b[K')
    },
  }
}
