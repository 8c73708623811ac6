import { setTimeout as sleep } from 'node:timers/promises'
import type { HostAccess } from '../host-access.ts'

/** The time over which changes are counted. */
export interface Window {
  ms: number
  /** When it opened and when it closes, on the clock of `HostAccess.now`. */
  from: number
  until: number
  /** Resolves when it has closed or the run was stopped; never rejects. */
  closed: Promise<void>
}

/** Opens a window; `endEarly` closes it early. */
export function openWindow(access: HostAccess, ms: number, endEarly?: AbortSignal): Window {
  const from = access.now()
  return { ms, from, until: from + ms, closed: pause(access, ms, endEarly) }
}

/** Waits for `ms`, or until the run is stopped or `endEarly` aborts. */
export async function pause(access: HostAccess, ms: number, endEarly?: AbortSignal): Promise<void> {
  const signal = endEarly ? AbortSignal.any([access.signal, endEarly]) : access.signal
  if (ms > 0) await sleep(ms, undefined, { signal }).catch(() => {})
}

/** Reads counters before and after the window; undefined where either reading failed. */
export async function beforeAndAfter<T>(
  window: Window,
  read: () => Promise<T | undefined>,
): Promise<[T, T] | undefined> {
  const before = await read()
  await window.closed
  const after = await read()
  return before === undefined || after === undefined ? undefined : [before, after]
}

/** How much a counter grew; one that was reset counts from zero. */
export const growth = (before: number, after: number): number => (after >= before ? after - before : after)
