import type { ReportRunner } from '../../report/schema.ts'

/** A network of the runner: when it came and went, in milliseconds since the epoch; absent where that is not known. */
export interface Life {
  name: string
  owner: string
  from?: number
  to?: number
}

/** A period, in milliseconds since the epoch. */
export interface Span {
  from: number
  to: number
}

/** When each network came and went; what is attached to a bridge counts for it, which is all that a kernel log shows. */
export function livesOf(changes: NonNullable<ReportRunner['changes']>): Life[] {
  const lives = new Map<string, Life>()
  for (const { at, what, name, owner, bridge } of changes) {
    const key = bridge ?? name
    const moment = Date.parse(at)
    const life = lives.get(key) ?? { name: key, owner }
    if (what === 'create' || what === 'attach') life.from = Math.min(life.from ?? moment, moment)
    else life.to = Math.max(life.to ?? moment, moment)
    lives.set(key, life)
  }
  return [...lives.values()]
}

/** Lives in as few rows as they need without overlap, in the order in which they began. */
export function packed(lives: readonly Life[], span: Span): Life[][] {
  const rows: { lives: Life[]; end: number }[] = []
  for (const life of lives.toSorted((a, b) => (a.from ?? 0) - (b.from ?? 0))) {
    const from = life.from ?? span.from
    const end = (life.to ?? span.to) + (span.to - span.from) * 0.006
    const free = rows.find((row) => row.end <= from)
    if (free) {
      free.lives.push(life)
      free.end = end
    } else rows.push({ lives: [life], end })
  }
  return rows.map((row) => row.lives)
}

/** How many networks there were from each moment on. */
export function countsOf(lives: readonly Life[], span: Span): { at: number; count: number }[] {
  const steps = lives.flatMap(({ from = span.from, to = span.to }) => [
    { at: from, by: 1 },
    ...(to < span.to ? [{ at: to, by: -1 }] : []),
  ])
  let count = 0
  return steps
    .toSorted((a, b) => a.at - b.at)
    .map(({ at, by }) => {
      count += by
      return { at, count }
    })
}
