import type { LookupAddress, LookupAllOptions } from 'node:dns'
import { lookup } from 'node:dns/promises'

/** Where resolvers and pins are configured; tests replace these. */
export interface NameSources {
  resolvConf: string
  hosts: string
  /** The file in which systemd-resolved lists the servers behind its stub. */
  uplinks: string
  /** The files of the setting `dns_config`. */
  dnsConfig: readonly string[]
  port: number
  /** How long a resolver may take. */
  limitMs: number
  /** How long libc may take: two servers, two attempts of 5 s. */
  libcLimitMs: number
  lookup: (name: string, options: LookupAllOptions) => Promise<LookupAddress[]>
}

/** Those of this process. */
export const systemSources: NameSources = {
  resolvConf: '/etc/resolv.conf',
  hosts: '/etc/hosts',
  uplinks: '/run/systemd/resolve/resolv.conf',
  dnsConfig: [],
  port: 53,
  limitMs: 2000,
  libcLimitMs: 10_000,
  lookup: (name, options) => lookup(name, options),
}
