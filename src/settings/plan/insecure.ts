import type { Settings } from '../schema.ts'
import { readBuildkitConfig } from './buildkit-config.ts'
import { registryHost } from './logins.ts'

/**
 * Whether plain HTTP is allowed to a registry: to all with `insecure`, otherwise to those in `insecure_registry`, which is an
 * address in plugin-kaniko and a boolean in other tools.
 */
export const isInsecure = (
  { insecure, insecure_registry: named }: Pick<Settings, 'insecure' | 'insecure_registry'>,
  host: string,
): boolean => insecure || names(named, host)

/** Whether the certificate of a registry need not be verified: of all with `skip_tls_verify`, otherwise of those named. */
export const skipsTlsVerify = (
  {
    skip_tls_verify: all,
    skip_tls_verify_registry: named,
  }: Pick<Settings, 'skip_tls_verify' | 'skip_tls_verify_registry'>,
  host: string,
): boolean => all || names(named, host)

const names = (list: readonly string[], host: string): boolean =>
  list.some((one) => /^(?:true|1|yes|on)$/i.test(one) || registryHost(one) === registryHost(host))

/** What is allowed to the registries of the images because of settings that were written for a build plugin. */
export function insecureNotes(settings: Settings, registries: readonly string[]): string[] {
  const { registry = '', buildkit_config: config } = settings
  const { http, insecure } = readBuildkitConfig(config, [])
  const among = (hosts: string[]) => hosts.filter((host) => registries.includes(host))
  return [
    ...among(/^http:\/\//i.test(registry) ? [registryHost(registry)] : []).map(
      (host) => `plain HTTP is allowed to ${host}, because registry is an http:// address`,
    ),
    ...among(http).map(
      (host) => `plain HTTP is allowed to ${host}, because buildkit_config has http = true for it`,
    ),
    ...among(insecure).map(
      (host) =>
        `the certificate of ${host} is not verified, because buildkit_config has insecure = true for it`,
    ),
  ]
}
