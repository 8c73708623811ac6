import dns from 'node:dns/promises'
import { syncBuiltinESMExports } from 'node:module'

/** Gives the addresses of a name; undefined for one that the real resolver is to be asked for. */
export type Names = (name: string) => string[] | undefined

/** Answers the lookups of this process, as a resolver under somebody's control would. Gives back what undoes it. */
export function answerLookups(names: Names): () => void {
  const { lookup } = dns
  const answer = async (name: string, ...rest: unknown[]) =>
    names(name)?.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })) ??
    Reflect.apply(lookup, dns, [name, ...rest])
  dns.lookup = answer as typeof lookup
  syncBuiltinESMExports()
  return () => {
    dns.lookup = lookup
    syncBuiltinESMExports()
  }
}

/**
 * Makes every name below `.test` an address of this machine, as a hosts file would, for this process alone. Loopback
 * addresses are spoken to in plain http, so whatever needs TLS needs a name. Gives back what undoes it.
 */
export const namesOfThisMachine = (): (() => void) =>
  answerLookups((name) => (name.endsWith('.test') ? ['127.0.0.1'] : undefined))
