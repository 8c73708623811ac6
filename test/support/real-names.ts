import dns from 'node:dns/promises'
import { syncBuiltinESMExports } from 'node:module'

/**
 * Makes every name below `.test` an address of this machine, as a hosts file would, for this process alone. Loopback
 * addresses are spoken to in plain http, so whatever needs TLS needs a name. Gives back what undoes it.
 */
export function namesOfThisMachine(): () => void {
  const { lookup } = dns
  const here = async (name: string, ...rest: unknown[]) =>
    name.endsWith('.test')
      ? [{ address: '127.0.0.1', family: 4 }]
      : Reflect.apply(lookup, dns, [name, ...rest])
  dns.lookup = here as typeof lookup
  syncBuiltinESMExports()
  return () => {
    dns.lookup = lookup
    syncBuiltinESMExports()
  }
}
