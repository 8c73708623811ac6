import type { Area } from '../../core/observed.ts'
import type { EngineFact, NamespaceKind, NetworkFact, SocketState, VantageFact } from '../../facts/runner.ts'
import { readCi } from '../../settings/ci/ci.ts'
import type { Env } from '../../settings/sources.ts'
import type { HostAccess } from './host-access.ts'

export interface VantageOptions {
  access: HostAccess
  env: Env
  socket: SocketState
  /** What the socket told, where one answers. */
  engine?: Area<EngineFact>
  networks?: Area<NetworkFact[]>
  /** This process is a sibling: whoever started it gave it the engine's own namespaces. */
  sibling?: boolean
}

/**
 * Where this process runs, by what any user may read. `hostView` is what can be seen from here without help; whoever
 * starts a sibling or replays a recording sets it to that.
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
    // Every capability in reach and no filter for system calls: on a host that is usual, and means nothing.
    privileged: container !== 'none' && own.unbounded,
    socket,
    hostView: namespace === 'container' ? (hostPid ? 'host pid' : 'none') : 'here',
    nested: namespace === 'daemon',
    rootless: (engine?.seen === true && engine.value.rootless) || (await rootlessPodman(access)),
    ...(trusted ? { trusted } : {}),
  }
}

/** What made the container this process is in, by the mark that each leaves; a container without marks counts as none. */
export async function containerKind(access: HostAccess, env: Env): Promise<VantageFact['container']> {
  if (await exists(access, '/run/.containerenv')) return 'podman'
  const docker = await exists(access, '/.dockerenv')
  const pod = await exists(access, '/var/run/secrets/kubernetes.io/serviceaccount/namespace')
  if (env.KUBERNETES_SERVICE_HOST && (pod || !docker)) return 'kubernetes'
  return docker ? 'docker' : 'none'
}

/**
 * Whose network namespace this is. `netdev_max_backlog` exists in the machine's initial one alone (measured on Linux 6.18,
 * as any user). In another one, an engine's is told by its bridges being links here.
 */
async function namespaceKind({ access, networks, sibling }: VantageOptions): Promise<NamespaceKind> {
  if (await exists(access, '/proc/sys/net/core/netdev_max_backlog')) return 'initial'
  if (sibling) return 'daemon'
  const bridges = networks?.seen ? networks.value.flatMap(({ bridge }) => bridge ?? []) : []
  // Every engine has a docker0: it tells only where nothing better does.
  const own = bridges.filter((bridge) => bridge !== 'docker0')
  const links = await linkNames(access)
  return (own.length > 0 ? own : ['docker0']).some((bridge) => links.includes(bridge))
    ? 'daemon'
    : 'container'
}

/** The links of this namespace, at most as many as fit into 4 MiB. */
async function linkNames(access: HostAccess): Promise<string[]> {
  const devices = await access.read('/proc/net/dev')
  return devices.ok ? [...devices.text.matchAll(/^\s*([^\s:]+):/gm)].map(([, name = '']) => name) : []
}

/** Bits of the capability sets, by include/uapi/linux/capability.h. */
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

/** Woodpecker's three kinds of trust; a variable that is not set is trust that is not given. */
function trustIn(env: Env): VantageFact['trusted'] {
  const names = ['CI_REPO_TRUSTED_NETWORK', 'CI_REPO_TRUSTED_VOLUMES', 'CI_REPO_TRUSTED_SECURITY'] as const
  if (names.every((name) => env[name] === undefined)) return undefined
  const [network, volumes, security] = names.map((name) => env[name] === 'true')
  return { network: network === true, volumes: volumes === true, security: security === true }
}

/** Podman writes what it is into the mark of a privileged container only. */
async function rootlessPodman(access: HostAccess): Promise<boolean> {
  const mark = await access.read('/run/.containerenv')
  return mark.ok && /^rootless=1$/m.test(mark.text)
}

async function exists(access: HostAccess, path: string): Promise<boolean> {
  const file = await access.read(path, 64)
  return file.ok || file.code !== 'ENOENT'
}

async function firstLine(access: HostAccess, path: string): Promise<string | undefined> {
  const file = await access.read(path, 64)
  return file.ok ? file.text.split('\n')[0] : undefined
}
