import type { Platform } from '../settings/ci/ci.ts'

/** What would let this program see more. Each is worded, for the platform of the run, in `src/explain/needs.ts`. */
export type Need =
  /** The engine's socket as a volume. */
  | 'docker-socket'
  /** The socket is there; this user may not open it. */
  | 'socket-access'
  /** `host_snapshot: true`, beside the socket. */
  | 'host-snapshot'
  /** `network_mode: host`. */
  | 'host-network'
  /** The host's process ids: only the engine's own options give them. */
  | 'host-pid'
  /** CAP_SYSLOG, or /dev/kmsg where the kernel lets everybody read it. */
  | 'kernel-log'
  /** CAP_NET_ADMIN in the host's network namespace. */
  | 'net-admin'
  /** The programs of regguard's own image. */
  | 'tools'
  /** The setting `listeners`. */
  | 'listeners'

/**
 * One look at the runner: seen, or not seen with why and with what would show it (any one of `needs` is enough). Where
 * the thing does not exist on this kind of runner, `applies` is false, and nothing is missing.
 */
export type Look<T> =
  | { seen: true; value: T; from: string }
  | { seen: false; why: string; needs: Need[]; applies: boolean }

/** What a run can look at on a runner; `require: runner.rules` names one. */
export const runnerAspects = [
  'networks',
  'churn',
  'links',
  'rules',
  'routes',
  'ports',
  'kernel',
  'conntrack',
  'pressure',
] as const
export type RunnerAspect = (typeof runnerAspects)[number]

/** Whose network namespace this process, or what looked for it, is in. */
export type NamespaceKind = 'initial' | 'daemon' | 'container'

/** Where this process runs, found without privileges. */
export interface VantageFact {
  /** Decides how it is said what to change. */
  platform?: Platform
  container: 'docker' | 'podman' | 'kubernetes' | 'none'
  namespace: NamespaceKind
  hostPid: boolean
  uid: number
  /** Effective capabilities among those that matter here, without `CAP_`. */
  capabilities: string[]
  privileged: boolean
  socket: SocketState
  /** How the host itself was looked at. */
  hostView: 'here' | 'host pid' | 'sibling' | 'none'
  /** The engine runs in a namespace that is not the machine's own: the outer host cannot be seen. */
  nested: boolean
  rootless: boolean
  /** What Woodpecker says of the repository's trust; undefined elsewhere. */
  trusted?: { network: boolean; volumes: boolean; security: boolean }
  /** What became of the snapshot that was asked for, where it failed. */
  snapshotFailed?: string
}

export type SocketState =
  | { state: 'absent'; path: string }
  | { state: 'unreadable'; path: string; group: number }
  /** Something else answers there, or nothing does in time. */
  | { state: 'useless'; path: string; why: string }
  /** An engine whose range of API versions has none that regguard speaks: `min` to `max` there, `ours` here. */
  | { state: 'unsupported'; path: string; version: string; min: string; max: string; ours: string }
  | { state: 'answers'; path: string; flavour: 'docker' | 'podman' }

/** Docker or Podman, as its socket tells. */
export interface EngineFact {
  flavour: 'docker' | 'podman'
  version: string
  apiVersion: string
  minApiVersion: string
  /** What writes its rules; undefined before API 1.49. */
  firewall?: 'iptables' | 'nftables' | 'firewalld'
  /** CIDR ranges that new networks are taken from, each cut into networks of `size` bits; none where it does not tell. */
  pools: { base: string; size: number }[]
  rootless: boolean
}

/** The program that a network or container was made for, by the pattern of its name. */
export type Owner =
  | 'woodpecker'
  | 'forgejo'
  | 'act'
  | 'gitea'
  | 'compose'
  | 'buildx'
  | 'regguard'
  | 'engine'
  | 'other'

export interface NetworkFact {
  id: string
  name: string
  driver: string
  owner: Owner
  /** Milliseconds since the epoch. */
  createdAt?: number
  /** The name of its interface on the host, for a bridge network. */
  bridge?: string
  subnets: string[]
  gateways: string[]
  internal: boolean
  /** False with `enable_ip_masquerade=false` or a routed gateway mode. */
  masquerade: boolean
  mtu?: number
  /** Endpoints of running containers; absent where they were not asked for: only so many networks are asked one by one. */
  endpoints?: number
  /** Their addresses, without prefix lengths, where the engine tells them. */
  addresses?: string[]
}

/** Networks that came and went. */
export interface ChurnFact {
  /** `machine`: the source knows no namespaces, so bridges of a nested engine are told as well. */
  scope?: 'namespace' | 'machine'
  /** Milliseconds since the epoch; `truncated`: the source forgot what was before `from`. */
  window: { from: number; to: number; truncated: boolean }
  /** `attach` and `detach`: a container's link at a bridge, all that a kernel log tells. */
  changes: {
    at: number
    what: 'create' | 'destroy' | 'attach' | 'detach'
    name: string
    owner: Owner
    bridge?: string
  }[]
}

/** `index`, `up`, `carrier` and `mtu` are absent where only names can be seen; `kind` is then known by the name alone. */
export interface LinkFact {
  index?: number
  name: string
  /** `bridge`, `veth`, `vxlan`, …; empty for a device. */
  kind: string
  up?: boolean
  carrier?: boolean
  mtu?: number
  master?: string
  addresses: string[]
}

export interface ChainFact {
  name: string
  /** Only base chains have one. */
  policy?: string
  hook?: string
  /** As `iptables-save` or `nft list` prints them, without `-A CHAIN` and without counters. */
  rules: string[]
  /** So many more, in a chain of one Kubernetes service or pod, were not kept. */
  leftOut?: number
}

export interface TableFact {
  /** `native`: made by nft itself, or by Docker's nftables mode. */
  backend: 'nft' | 'legacy' | 'native'
  family: 'ip' | 'ip6' | 'inet' | 'bridge' | 'arp' | 'netdev'
  name: string
  chains: ChainFact[]
  /** Named sets and maps of a table that Docker's nftables mode made. */
  sets?: { name: string; elements: string[] }[]
}

/** The host's packet filter. */
export interface RulesFact {
  /** As they stood when the window ended. */
  tables: TableFact[]
  /** Rules past the limit were not kept: then no absence may be concluded. */
  truncated: boolean
  /** Interfaces that came or went, or whose rules did, while we looked: nothing may be concluded of them. */
  passing?: string[]
  /**
   * The FORWARD chain, looked at again and again. `withoutUserJump`: times it did not jump to a DOCKER-USER that was there;
   * `distinct`: different states; `firstRules`: the different rules that stood first, as they came.
   */
  samples?: { taken: number; overMs: number; withoutUserJump: number; distinct: number; firstRules: string[] }
  /** Programs that changed rules while we looked, by name, with how often. */
  writers: { program: string; changes: number }[]
  /** Why nobody could be watched writing, where that is so. */
  unwatched?: string
  /** The lock of iptables-legacy: who held it, and for how long it was seen held without a break. */
  lock?: { heldBy: string; waitedMs: number }
  /** Backends whose rules could not be read, with why. */
  unread: { backend: 'nft' | 'legacy' | 'native'; why: string }[]
}

export interface RoutesFact {
  routes: { destination: string; device: string; gateway?: string }[]
  /** Addresses of the host itself. */
  local: string[]
  /** Addresses at the other end of TCP connections to the host. */
  peers: string[]
  /** Resolvers that this process or the host asks. */
  resolvers: string[]
  /** Path MTUs that an ICMP taught the host: while one lives, a black hole on that path is hidden. */
  learnedMtus?: { destination: string; mtu: number; expiresInMs: number }[]
}

/** How one TCP connection attempt ended. `banner` only for services that speak first; `closed`: they hung up instead. */
export interface Dial {
  port: number
  result: 'open' | 'refused' | 'timeout' | 'unreachable' | 'failed'
  /** Until it was known; of a silence, how long it was waited for. */
  ms: number
  code?: string
  banner?: 'came' | 'closed' | 'silent'
  bannerMs?: number
}

/** One address of the host, dialled from here. */
export interface PortTarget {
  address: string
  /** `node`: another address of the host, read from its own namespace. */
  name: 'gateway' | 'listener' | 'node' | 'loopback'
  /** The name in the setting, where that is no address. */
  host?: string
  ping: 'answered' | 'silent' | 'unreachable' | 'not possible'
  /** As `ms` of a dial. */
  pingMs?: number
  /** Why it is not possible, or in ping's words what was unreachable. */
  pingSaid?: string
  /** What became of UDP datagrams to a canary port; absent where the answers to TCP left nothing to ask. */
  datagram?: 'refused' | 'unreachable' | 'silent'
  /** On the own link nobody answers ARP for it; absent where somebody does, and where that cannot be known. */
  neighbour?: 'missing'
  /** Ports that surely nobody listens on. */
  canaries: Dial[]
  ports: Dial[]
}

export interface PortsFact {
  /** `usual`: nobody said which ports must answer. */
  chosen: 'settings' | 'listeners' | 'usual'
  targets: PortTarget[]
  /** What should have been dialled, and was not. */
  skipped?: { what: string; why: string }[]
  /** Where the host's own state could be read: sockets in state LISTEN and how full their queues are. */
  listeners: ListenerFact[]
  /** How often the kernel dropped a connection at a full queue while we looked; host's view only. */
  listenDrops?: number
  /** Whether anything beyond the host was reached meanwhile. */
  beyond?: 'reached' | 'not reached'
}

export interface ListenerFact {
  address: string
  port: number
  /** Connections waiting to be accepted, of how many may wait. */
  queue?: { waiting: number; limit: number }
  program?: string
}

/** What the kernel log tells beside bridges. */
export interface KernelFact {
  window: { from: number; to: number; truncated: boolean }
  /** Lines that tell trouble, at most a few of each kind. */
  lines: { at: number; kind: KernelTrouble; text: string }[]
}

export type KernelTrouble =
  | 'conntrack-full'
  | 'out-of-memory'
  | 'netdev-leak'
  | 'syn-flood'
  | 'neighbour-overflow'

export interface ConntrackFact {
  count: number
  max: number
  /** While we looked; absent where the kernel does not count them in /proc. */
  drops?: number
}

/** Counters of the whole machine, whatever namespace they are read in. */
export interface PressureFact {
  /** Share of time in the last 10 s, in percent, that some task waited. */
  cpu?: number
  io?: number
  memory?: number
  /** While we looked. */
  oomKills: number
  softnetDropped: number
  softnetSqueezed: number
}

/** All that is seen of the runner. */
export interface RunnerFact {
  vantage: VantageFact
  engine: Look<EngineFact>
  networks: Look<NetworkFact[]>
  churn: Look<ChurnFact>
  links: Look<LinkFact[]>
  rules: Look<RulesFact>
  routes: Look<RoutesFact>
  ports: Look<PortsFact>
  kernel: Look<KernelFact>
  conntrack: Look<ConntrackFact>
  pressure: Look<PressureFact>
  /** From a plain container: interfaces that the host made since it started, by the number of our own link's other end. */
  interfaces?: { made: number; uptimeMs: number }
  /** Programs that run on the host, by the name of their process, where they can be listed. */
  programs: Look<string[]>
  /**
   * The same, read again a few seconds later, where the first reading gave ground to suspect a race: networks come and
   * go while they are read, and only what both readings show counts.
   */
  again?: Pick<RunnerFact, 'networks' | 'links' | 'rules'>
  /** Milliseconds since the epoch when the look ended. */
  at: number
}

/** What only the host's own namespaces show; read here, by a sibling, or from a recording. */
export type HostView = Pick<
  RunnerFact,
  'links' | 'rules' | 'routes' | 'kernel' | 'conntrack' | 'pressure' | 'programs'
> & {
  /** From the kernel log or from netlink. */
  churn: Look<ChurnFact>
  listeners: Look<{ sockets: ListenerFact[]; drops?: number }>
  namespace: NamespaceKind
}
