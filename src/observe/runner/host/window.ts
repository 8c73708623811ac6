import { setTimeout as sleep } from 'node:timers/promises'
import type { HostAccess } from '../host-access.ts'

/** The time over which changes are counted. */
export interface Window {
  ms: number
  /** When it opened and when it will close, as `World.now` tells. */
  from: number
  until: number
  /** Settles when it has closed, or when the run was stopped; never fails. */
  closed: Promise<void>
}

/** `enough` closes it before its time. */
export function openWindow(access: HostAccess, ms: number, endEarly?: AbortSignal): Window {
  const from = access.now()
  return { ms, from, until: from + ms, closed: pause(access, ms, endEarly) }
}

/** Waits; a stopped run does not wait on. */
export async function pause(access: HostAccess, ms: number, endEarly?: AbortSignal): Promise<void> {
  const signal = endEarly ? AbortSignal.any([access.signal, endEarly]) : access.signal
  if (ms > 0) await sleep(ms, undefined, { signal }).catch(() => {})
}

/** Reads a counter before and after the window; undefined where either could not be read. */
export async function across<T>(
  window: Window,
  read: () => Promise<T | undefined>,
): Promise<[T, T] | undefined> {
  const before = await read()
  await window.closed
  const after = await read()
  return before === undefined || after === undefined ? undefined : [before, after]
}

/** How much a counter grew; a counter that was reset counts from zero. */
export const growth = (before: number, after: number): number => (after >= before ? after - before : after)
