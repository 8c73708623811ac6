import { describe, test } from 'vitest'

/** A `describe`, or a replacement for it. */
export type Suite = (title: string, body: () => void) => void

/** A suite that cannot run because something is missing: it fails in CI if it must run there, and is skipped elsewhere. */
export function suiteWithout(reason: string, { mustRunInCi }: { mustRunInCi: boolean }): Suite {
  if (!mustRunInCi || !['true', '1'].includes(process.env.CI ?? ''))
    return (title, body) => void describe.skip(`${title} [skipped: ${reason}]`, body)
  return (title) =>
    describe(title, () => {
      test(reason, () => {
        throw new Error(`This suite ${reason}. It is not skipped in CI.`)
      })
    })
}
