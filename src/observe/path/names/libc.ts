import type { LookupFact } from '../../../facts/path/names.ts'
import type { NameSources } from './sources.ts'

/** libc's answer. A lookup cannot be cancelled: past its limit it is left alone. */
export async function askLibc(name: string, from: NameSources, signal: AbortSignal): Promise<LookupFact> {
  const since = performance.now()
  const result = (state: LookupFact['state'], addresses: string[] = []): LookupFact => ({
    state,
    addresses,
    ms: Math.round(performance.now() - since),
  })
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<LookupFact>((done) => {
    const end = () => done(result('silent'))
    timer = setTimeout(end, from.libcLimitMs)
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
