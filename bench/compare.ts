import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Candidate, Question } from './candidates.ts'
import { measure, median } from './measure.ts'
import type { Place, Transport } from './place.ts'

/** The medians of one program's runs. */
export interface Row {
  name: string
  /** Undefined where the program is not installed. */
  result?: {
    seconds: number
    /** Seconds relative to the first program of the case. */
    ratio: number
    requests: number
    connections: number
    bytes: number
    peakMb: number | undefined
  }
}

/** An image behind a path. */
export interface Case {
  title: string
  repository: string
  transport: Transport
  roundTripMs: number
  blobs: string[]
}

/** Runs all candidates in turn, several times over, so that what else the machine does is the same for each. */
export async function compare(
  place: Place,
  what: Case,
  candidates: Candidate[],
  rounds: number,
): Promise<Row[]> {
  const proxy = await place.reach(what.transport, what.roundTripMs)
  const samples = candidates.map(() => [] as Omit<NonNullable<Row['result']>, 'ratio'>[])
  for (let round = 0; round < rounds; round += 1) {
    for (const [at, { on }] of candidates.entries()) {
      if (!on) continue
      const folder = await mkdtemp(join(tmpdir(), 'regguard-bench-'))
      const question: Question = { ...what, host: proxy.host, caFile: place.caFile, folder }
      const before = place.requests()
      proxy.taken()
      const measured = await measure(on(question))
      samples[at]?.push({ ...measured, ...proxy.taken(), requests: place.requests() - before })
      await rm(folder, { recursive: true, force: true })
    }
  }
  await proxy.close()
  const middle = (at: number, value: (one: Omit<NonNullable<Row['result']>, 'ratio'>) => number) =>
    median((samples[at] ?? []).map(value))
  const first = middle(0, ({ seconds }) => seconds)
  return candidates.map(({ name, on }, at) => {
    if (!on) return { name }
    const seconds = middle(at, (one) => one.seconds)
    return {
      name,
      result: {
        ...{ seconds, ratio: seconds / first },
        requests: middle(at, (one) => one.requests),
        connections: middle(at, (one) => one.connections),
        bytes: middle(at, (one) => one.bytes),
        peakMb: middle(at, (one) => one.peakMb ?? 0) || undefined,
      },
    }
  })
}
