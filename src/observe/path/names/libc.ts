import type { LookupFact } from '../../../facts/path/names.ts'
import type { NameSources } from './sources.ts'

/** The least time that is left to a lookup that starts late. */
const leastMs = 1000

/** Asks libc. All lookups share one limit, so that names do not add up where no server answers. */
export function createLibcAsker(
  from: NameSources,
  signal: AbortSignal,
): (name: string) => Promise<LookupFact> {
  const end = performance.now() + from.libcLimitMs
  return (name) => lookUp(name, Math.max(leastMs, end - performance.now()), from, signal)
}

/** A lookup cannot be cancelled: past its limit it is left alone. */
async function lookUp(
  name: string,
  limitMs: number,
  from: NameSources,
  signal: AbortSignal,
): Promise<LookupFact> {
  const since = performance.now()
  const result = (state: LookupFact['state'], addresses: string[] = []): LookupFact => ({
    state,
    addresses,
    ms: Math.round(performance.now() - since),
  })
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<LookupFact>((done) => {
    const end = () => done(result('silent'))
    timer = setTimeout(end, limitMs)
    signal.addEventListener('abort', end, { once: true })
    if (signal.aborted) end()
  })
  const answer = from.lookup(name, { all: true, verbatim: true }).then(
    (found) => result('found', [...new Set(found.map(({ address }) => address))]),
    (error: unknown) =>
      result(
        error instanceof Error && 'code' in error && error.code === 'EAI_AGAIN' ? 'silent' : 'no-such-name',
      ),
  )
  try {
    return await Promise.race([answer, limit])
  } finally {
    clearTimeout(timer)
  }
}
