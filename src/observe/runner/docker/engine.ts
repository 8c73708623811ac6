import type { Area } from '../../../core/observed.ts'
import type { EngineFact } from '../../../facts/runner.ts'
import type { EngineApi } from './api.ts'
import { fieldsOf, listOf, shortText } from './response.ts'

/** The engine, and one of its settings that is needed to read its events. */
export interface EngineObservation {
  engine: Area<EngineFact>
  /**
   * Whether containers keep running while the engine restarts (`live-restore`): it may then be younger than its networks. True
   * where the engine does not report it.
   */
  liveRestore: boolean
}

/** The engine's description of itself: GET /info. */
export async function observeEngine(api: EngineApi): Promise<EngineObservation> {
  const response = await api.get('/info')
  if (!response.ok)
    return {
      engine: { seen: false, why: response.why, remedies: ['docker-socket'], applies: true },
      liveRestore: true,
    }
  const info = fieldsOf(response.value)
  const firewall = firewallOf(shortText(fieldsOf(info.FirewallBackend).Driver))
  const { flavour, version, apiVersion, minApiVersion } = api
  return {
    engine: {
      seen: true,
      from: `GET /info of ${flavour === 'podman' ? 'Podman' : 'Docker'}`,
      value: {
        ...{ flavour, version, apiVersion, minApiVersion },
        ...(firewall ? { firewall } : {}),
        pools: flavour === 'podman' ? [] : poolsOf(info.DefaultAddressPools),
        ...(typeof info.IPv4Forwarding === 'boolean' && flavour === 'docker'
          ? { forwards: info.IPv4Forwarding }
          : {}),
        rootless: info.Rootless === true || listOf(info.SecurityOptions).includes('name=rootless'),
      },
    },
    liveRestore: info.LiveRestoreEnabled !== false,
  }
}

/** `FirewallBackend` of API 1.49: `iptables`, `iptables+firewalld` or `nftables` (moby's own tests of /info). */
function firewallOf(driver: string | undefined): EngineFact['firewall'] {
  if (driver === undefined) return undefined
  if (driver.includes('firewalld')) return 'firewalld'
  return driver === 'nftables' || driver === 'iptables' ? driver : undefined
}

/**
 * The pools of a Docker without pools in its configuration: 15 networks of /16 and 16 of /20, docker0 included; measured on
 * 20.10, where a user's 31st network failed.
 */
const builtInPools: EngineFact['pools'] = [
  { base: '172.17.0.0/16', size: 16 },
  { base: '172.18.0.0/16', size: 16 },
  { base: '172.19.0.0/16', size: 16 },
  { base: '172.20.0.0/14', size: 16 },
  { base: '172.24.0.0/14', size: 16 },
  { base: '172.28.0.0/14', size: 16 },
  { base: '192.168.0.0/16', size: 20 },
]

function poolsOf(reported: unknown): EngineFact['pools'] {
  const pools = listOf(reported).flatMap((pool) => {
    const base = shortText(fieldsOf(pool).Base)
    const size = fieldsOf(pool).Size
    return base !== undefined && Number.isInteger(size) ? [{ base, size: size as number }] : []
  })
  return pools.length === 0 ? builtInPools : pools
}
