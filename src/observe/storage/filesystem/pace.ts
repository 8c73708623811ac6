import { setImmediate } from 'node:timers/promises'

/** A call to the file system, in both ways. */
export interface Call<T> {
  now: () => T
  later: () => Promise<T>
}

/** A call that took longer than this did not come from memory, in milliseconds. */
const slowMs = 3
/** Unless a busy processor did other work meanwhile: that happens once in many calls, and a disk is slow in one of these. */
const nearCalls = 16
/** So many calls after that may wait for the disk at the same time. */
const laterCalls = 200
/** So long other work waits, in milliseconds. */
const busyMs = 15

/**
 * Makes calls to the file system. What is in memory is read at once, which takes a third of the time that the thread pool needs (measured
 * on Node 24.21 with files of 71 bytes); where a disk has to be waited for, several calls wait together.
 */
export function createPace(now: () => number = () => performance.now()): <T>(call: Call<T>) => Promise<T> {
  let later = 0
  let sinceSlow = nearCalls
  let restedAt = now()
  return async ({ now: callNow, later: wait }) => {
    if (later > 0) {
      later -= 1
      return wait()
    }
    const startedAt = now()
    if (startedAt - restedAt > busyMs) {
      await setImmediate()
      restedAt = now()
    }
    const calledAt = now()
    try {
      return callNow()
    } finally {
      const isSlow = now() - calledAt > slowMs
      if (isSlow && sinceSlow < nearCalls) later = laterCalls
      sinceSlow = isSlow ? 0 : sinceSlow + 1
    }
  }
}
