import type { PhaseTimes } from '../../facts/path/phases.ts'
import type { HostRole, RequestFact } from '../../facts/path.ts'
import type { RequestEntry } from './request-log.ts'

/** How many requests a run sent, by how they ended; and how long their phases took. */
export interface RequestTally {
  /** By the first digit of the status; `none`: without a response. */
  codes: Record<string, number>
  phases: { role: HostRole; phase: keyof PhaseTimes; count: number; ms: number }[]
}

/** Counts requests as they end. */
export function createTally(): {
  tally: () => RequestTally
  counted: (fact: RequestFact, entry: RequestEntry) => RequestEntry
} {
  const codes: Record<string, number> = {}
  const sums = new Map<string, RequestTally['phases'][number]>()
  const count = (code: string) => {
    codes[code] = (codes[code] ?? 0) + 1
  }
  const add = ({ role, phases }: RequestFact, names: (keyof PhaseTimes)[]) => {
    for (const phase of names) {
      const ms = phases[phase]
      if (ms === undefined) continue
      const sum = sums.get(`${role} ${phase}`) ?? { role, phase, count: 0, ms: 0 }
      sum.count += 1
      sum.ms += ms
      sums.set(`${role} ${phase}`, sum)
    }
  }
  return {
    tally: () => ({ codes: { ...codes }, phases: [...sums.values()].map((sum) => ({ ...sum })) }),
    counted: (fact, entry) => {
      let isRead = false
      return {
        sent: entry.sent,
        answered: (status) => {
          entry.answered(status)
          count(`${Math.floor(status / 100)}xx`)
          add(fact, ['dns', 'connect', 'tls', 'headers'])
        },
        ended: (why) => {
          entry.ended(why)
          if (!isRead) add(fact, ['body'])
          isRead = true
        },
        failed: (why) => {
          count('none')
          return entry.failed(why)
        },
      }
    },
  }
}
