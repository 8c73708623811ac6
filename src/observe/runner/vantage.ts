import type { Area } from '../../core/observed.ts'
import type { EngineFact, NamespaceKind, NetworkFact, SocketState, VantageFact } from '../../facts/runner.ts'
import { readCi } from '../../settings/ci/ci.ts'
import type { Env } from '../../settings/sources.ts'
import type { HostAccess } from './host-access.ts'

export interface VantageOptions {
  access: HostAccess
  env: Env
  socket: SocketState
  /** What the engine reports, where one answers at the socket. */
  engine?: Area<EngineFact>
  networks?: Area<NetworkFact[]>
  /** This process is a sibling: it was started in the engine's own namespaces. */
  sibling?: boolean
}

/**
 * Where this process runs, from what any user may read. `hostView` is what this process sees by itself; it changes to
 * `sibling` when one took a snapshot.
 */
export async function observeVantage(options: VantageOptions): Promise<VantageFact> {
  const { access, env, socket, engine } = options
  const container = await containerKind(access, env)
  const namespace = await namespaceKind(options)
  const hostPid = (await firstLine(access, '/proc/2/comm')) === 'kthreadd'
  const own = await ownRights(access)
  const trusted = trustIn(env)
  return {
    platform: readCi(env).platform,
    container,
    namespace,
    hostPid,
    uid: access.uid,
    capabilities: own.capabilities,
    // SYS_ADMIN and SYS_MODULE in the bounding set and no seccomp filter; outside a container that is normal.
    privileged: container !== 'none' && own.unbounded,
    socket,
    hostView: namespace === 'container' ? (hostPid ? 'host pid' : 'none') : 'here',
    nested: namespace === 'daemon',
    rootless: (engine?.seen === true && engine.value.rootless) || (await rootlessPodman(access)),
    ...(trusted ? { trusted } : {}),
  }
}

/** What created this container, from the marker file each leaves; without a marker, `none`. */
export async function containerKind(access: HostAccess, env: Env): Promise<VantageFact['container']> {
  if (await exists(access, '/run/.containerenv')) return 'podman'
  const docker = await exists(access, '/.dockerenv')
  const pod = await exists(access, '/var/run/secrets/kubernetes.io/serviceaccount/namespace')
  if (env.KUBERNETES_SERVICE_HOST && (pod || !docker)) return 'kubernetes'
  return docker ? 'docker' : 'none'
}

/**
 * Whose network namespace this is. `netdev_max_backlog` exists only in the machine's initial one (measured on Linux 6.18, as
 * any user). Any other namespace is the engine's if the engine's bridges are links in it.
 */
async function namespaceKind({ access, networks, sibling }: VantageOptions): Promise<NamespaceKind> {
  if (await exists(access, '/proc/sys/net/core/netdev_max_backlog')) return 'initial'
  if (sibling) return 'daemon'
  const bridges = networks?.seen ? networks.value.flatMap(({ bridge }) => bridge ?? []) : []
  // Every engine has a docker0: it counts only where there is no other bridge.
  const own = bridges.filter((bridge) => bridge !== 'docker0')
  const links = await linkNames(access)
  return (own.length > 0 ? own : ['docker0']).some((bridge) => links.includes(bridge))
    ? 'daemon'
    : 'container'
}

/** The links of this namespace, as many as fit into 4 MiB. */
async function linkNames(access: HostAccess): Promise<string[]> {
  const devices = await access.read('/proc/net/dev')
  return devices.ok ? [...devices.text.matchAll(/^\s*([^\s:]+):/gm)].map(([, name = '']) => name) : []
}

/** Bits of the capability sets (include/uapi/linux/capability.h). */
const capabilityBits = {
  DAC_READ_SEARCH: 2n,
  NET_ADMIN: 12n,
  NET_RAW: 13n,
  SYS_MODULE: 16n,
  SYS_PTRACE: 19n,
  SYS_ADMIN: 21n,
  SYSLOG: 34n,
}

async function ownRights(access: HostAccess): Promise<{ capabilities: string[]; unbounded: boolean }> {
  const status = await access.read('/proc/self/status')
  const text = status.ok ? status.text : ''
  const field = (name: string) => new RegExp(`^${name}:\\s*(\\S+)`, 'm').exec(text)?.[1]
  const set = (name: string) => BigInt(`0x${field(name)?.match(/^[0-9a-f]+$/)?.[0] ?? '0'}`)
  const holds = (mask: bigint, bit: bigint) => (mask >> bit) % 2n === 1n
  const effective = set('CapEff')
  const bounding = set('CapBnd')
  return {
    capabilities: Object.entries(capabilityBits).flatMap(([name, bit]) =>
      holds(effective, bit) ? [name] : [],
    ),
    unbounded:
      holds(bounding, capabilityBits.SYS_ADMIN) &&
      holds(bounding, capabilityBits.SYS_MODULE) &&
      field('Seccomp') === '0',
  }
}

/** Woodpecker's three kinds of trust. Undefined without any of its variables; a single missing one counts as not trusted. */
function trustIn(env: Env): VantageFact['trusted'] {
  const names = ['CI_REPO_TRUSTED_NETWORK', 'CI_REPO_TRUSTED_VOLUMES', 'CI_REPO_TRUSTED_SECURITY'] as const
  if (names.every((name) => env[name] === undefined)) return undefined
  const [network, volumes, security] = names.map((name) => env[name] === 'true')
  return { network: network === true, volumes: volumes === true, security: security === true }
}

/** Podman fills in the marker file of privileged containers only. */
async function rootlessPodman(access: HostAccess): Promise<boolean> {
  const marker = await access.read('/run/.containerenv')
  return marker.ok && /^rootless=1$/m.test(marker.text)
}

async function exists(access: HostAccess, path: string): Promise<boolean> {
  const file = await access.read(path, 64)
  return file.ok || file.code !== 'ENOENT'
}

async function firstLine(access: HostAccess, path: string): Promise<string | undefined> {
  const file = await access.read(path, 64)
  return file.ok ? file.text.split('\n')[0] : undefined
}
