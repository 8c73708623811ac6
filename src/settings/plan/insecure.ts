import type { Settings } from '../schema.ts'
import { registryHost } from './logins.ts'

/**
 * True where a registry is asked in plain http: all with `insecure`, those that `insecure_registry` names (plugin-kaniko
 * has an address there, other tools a switch).
 */
export function isInsecure({ insecure, insecure_registry: named }: Settings, host: string): boolean {
  return (
    insecure ||
    named.some((one) => /^(?:true|1|yes|on)$/i.test(one) || registryHost(one) === registryHost(host))
  )
}
