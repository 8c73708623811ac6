import type { Area } from '../../../core/observed.ts'
import type { EngineFact } from '../../../facts/runner.ts'
import { list, record, short } from './answer.ts'
import type { EngineApi } from './api.ts'

/** What is known of an engine beside the fact itself. */
export interface EngineLook {
  engine: Area<EngineFact>
  /** Containers live on while the engine restarts (`live-restore`): it may then be younger than its networks. */
  outlived: boolean
}

/** Asks an engine about itself: GET /info. */
export async function observeEngine(api: EngineApi): Promise<EngineLook> {
  const told = await api.get('/info')
  if (!told.ok)
    return {
      engine: { seen: false, why: told.why, remedies: ['docker-socket'], applies: true },
      outlived: true,
    }
  const info = record(told.value)
  const firewall = firewallOf(short(record(info.FirewallBackend).Driver))
  const { flavour, version, apiVersion, minApiVersion } = api
  return {
    engine: {
      seen: true,
      from: `GET /info of ${flavour === 'podman' ? 'Podman' : 'Docker'}`,
      value: {
        ...{ flavour, version, apiVersion, minApiVersion },
        ...(firewall ? { firewall } : {}),
        pools: flavour === 'podman' ? [] : poolsOf(info.DefaultAddressPools),
        rootless: info.Rootless === true || list(info.SecurityOptions).includes('name=rootless'),
      },
    },
    outlived: info.LiveRestoreEnabled !== false,
  }
}

/** `FirewallBackend` of API 1.49: `iptables`, `iptables+firewalld` or `nftables` (moby's own tests of /info). */
function firewallOf(driver: string | undefined): EngineFact['firewall'] {
  if (driver === undefined) return undefined
  if (driver.includes('firewalld')) return 'firewalld'
  return driver === 'nftables' || driver === 'iptables' ? driver : undefined
}

/**
 * What Docker takes networks from where its configuration names no pools: 15 networks of /16 and 16 of /20, docker0 among
 * them; measured on 20.10, where the 31st network of a user failed.
 */
const builtIn: EngineFact['pools'] = [
  { base: '172.17.0.0/16', size: 16 },
  { base: '172.18.0.0/16', size: 16 },
  { base: '172.19.0.0/16', size: 16 },
  { base: '172.20.0.0/14', size: 16 },
  { base: '172.24.0.0/14', size: 16 },
  { base: '172.28.0.0/14', size: 16 },
  { base: '192.168.0.0/16', size: 20 },
]

function poolsOf(told: unknown): EngineFact['pools'] {
  const pools = list(told).flatMap((pool) => {
    const base = short(record(pool).Base)
    const size = record(pool).Size
    return base !== undefined && Number.isInteger(size) ? [{ base, size: size as number }] : []
  })
  return pools.length === 0 ? builtIn : pools
}
