import type { Settings } from '../schema.ts'
import { registryHost } from './logins.ts'

/**
 * Whether plain HTTP is allowed to a registry: to all with `insecure`, otherwise to those in `insecure_registry`, which is an
 * address in plugin-kaniko and a boolean in other tools.
 */
export function isInsecure({ insecure, insecure_registry: named }: Settings, host: string): boolean {
  return (
    insecure ||
    named.some((one) => /^(?:true|1|yes|on)$/i.test(one) || registryHost(one) === registryHost(host))
  )
}
