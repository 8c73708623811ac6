import type { LookupFact, ResolverAnswer } from '../../../facts/path/names.ts'
import { createLimit } from '../../http/limit.ts'
import { ask } from './ask.ts'
import type { NameSources } from './sources.ts'

/** How many names are asked of one resolver at once. */
const atOnce = 4

/** Asks one resolver. */
export interface Asker {
  /** Undefined if the resolver has not answered anything before: then it is not waited for again. */
  askFor: (name: string) => Promise<ResolverAnswer | undefined>
  /** Its answer for `localhost`, which servers have at hand: one that only waits for others answers this. */
  localhost: Promise<LookupFact>
}

/** An asker for one resolver. */
export function createAsker(resolver: string, { port, limitMs }: NameSources, signal: AbortSignal): Asker {
  const limit = createLimit(atOnce)
  const question = { resolver, port, limitMs, signal }
  let isSilent = false
  let hasAnswered = false
  const noted = (found: LookupFact): LookupFact => {
    if (found.state === 'silent') isSilent = true
    else hasAnswered = true
    return found
  }
  const askOnce = async (name: string, type: 'A' | 'AAAA') => noted(await ask({ ...question, name, type }))
  return {
    askFor: (name) =>
      limit(async () => {
        if (isSilent && !hasAnswered) return undefined
        const [ipv4, ipv6] = await Promise.all([askOnce(name, 'A'), askOnce(name, 'AAAA')])
        return { resolver, ipv4, ipv6 }
      }),
    localhost: askOnce('localhost', 'A'),
  }
}
