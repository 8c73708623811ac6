export type ManagerKind = 'engine' | 'kubernetes' | 'firewall' | 'tunnel' | 'other'

/** A program that keeps its own rules in a host's packet filter, and how to recognise it. */
export interface KnownManager {
  name: string
  kind: ManagerKind
  /** The names of its iptables chains. */
  chains?: RegExp
  /** The names of its nft tables, which iptables does not list. */
  nftTables?: RegExp
  /** The names of its processes. */
  programs?: RegExp
  /** See `Manager.rewritesTables` and `Manager.movesJump`. */
  rewritesTables?: true
  movesJump?: true
}

/** Recognised by the chains and tables that each creates, and by its process where that has a name of its own. */
export const knownManagers: readonly KnownManager[] = [
  {
    name: 'Docker',
    kind: 'engine',
    chains: /^DOCKER(?:-|$)/,
    nftTables: /^docker-bridges$/,
    programs: /^dockerd$/,
  },
  { name: 'Podman (netavark)', kind: 'engine', chains: /^NETAVARK/, nftTables: /^netavark$/ },
  {
    name: 'kube-router',
    kind: 'kubernetes',
    chains: /^KUBE-(?:ROUTER-|POD-FW-|NWPLCY-)/,
    programs: /^kube-router$/,
    rewritesTables: true,
    movesJump: true,
  },
  {
    name: 'kube-proxy',
    kind: 'kubernetes',
    chains:
      /^KUBE-(?:SERVICES|SVC-|SEP-|EXT-|FW-|NODEPORTS|EXTERNAL-SERVICES|FORWARD|PROXY-|MARK-MASQ|POSTROUTING)/,
    nftTables: /^kube-proxy$/,
    programs: /^kube-proxy$/,
  },
  {
    name: 'kubelet',
    kind: 'kubernetes',
    chains: /^KUBE-(?:FIREWALL|KUBELET-CANARY)$/,
    programs: /^kubelet$/,
  },
  { name: 'k3s', kind: 'kubernetes', programs: /^(?:k3s|k3s-server|k3s-agent|rke2|k0s)$/ },
  { name: 'flannel', kind: 'kubernetes', chains: /^FLANNEL-/, programs: /^flanneld$/ },
  { name: 'CNI plugins', kind: 'kubernetes', chains: /^CNI-/, nftTables: /^cni_hostport$/ },
  { name: 'Cilium', kind: 'kubernetes', chains: /^(?:OLD_)?CILIUM_/, programs: /^cilium-agent$/ },
  { name: 'Calico', kind: 'kubernetes', chains: /^cali-/, nftTables: /^calico$/, programs: /^calico-node$/ },
  { name: 'Weave', kind: 'kubernetes', chains: /^WEAVE/ },
  { name: 'ufw', kind: 'firewall', chains: /^ufw6?-/ },
  {
    name: 'firewalld',
    kind: 'firewall',
    chains:
      /^(?:IN|FWDI|FWDO|FWD|PRE|POST)_[a-zA-Z]+(?:_(?:allow|deny|log|pre|post))?$|^(?:INPUT|FORWARD|OUTPUT)_(?:direct|ZONES)$/,
    nftTables: /^firewalld$/,
    programs: /^firewalld$/,
  },
  { name: 'CSF', kind: 'firewall', chains: /^(?:LOCALINPUT|LOCALOUTPUT|DENYIN)$/, programs: /^lfd\b/ },
  {
    name: 'Tailscale',
    kind: 'tunnel',
    chains: /^ts-(?:input|forward|postrouting)$/,
    programs: /^tailscaled$/,
    movesJump: true,
  },
  {
    name: 'fail2ban',
    kind: 'other',
    chains: /^f2b-/,
    nftTables: /^f2b-table$/,
    programs: /^fail2ban-server$/,
  },
  {
    name: 'libvirt',
    kind: 'other',
    chains: /^LIBVIRT_/,
    nftTables: /^libvirt_network$/,
    programs: /^libvirtd$/,
  },
  { name: 'CrowdSec', kind: 'other', chains: /^CROWDSEC/, nftTables: /^crowdsec6?$/ },
  { name: 'Istio', kind: 'other', chains: /^ISTIO_/ },
  { name: 'LXD or Incus', kind: 'other', nftTables: /^(?:lxd|incus)$/, programs: /^(?:lxd|incusd)$/ },
  { name: 'AWS VPC CNI', kind: 'kubernetes', chains: /^AWS-(?:SNAT|CONNMARK)-CHAIN/ },
]

/** The manager that owns the chain to which a rule jumps. */
export function managerOfJump(rule: string): string | undefined {
  const target = /(?:^| )-[jg] (\S+)/.exec(rule)?.[1]
  return target === undefined ? undefined : knownManagers.find(({ chains }) => chains?.test(target))?.name
}

/** The manager that owns a chain. */
export const managerOfChain = (chain: string): string | undefined =>
  knownManagers.find(({ chains }) => chains?.test(chain))?.name

/** A manager by its name. */
export const managerNamed = (wanted: string): KnownManager | undefined =>
  knownManagers.find(({ name }) => name === wanted)

/** The manager that owns a table of nft. */
export const managerOfTable = (table: string): string | undefined =>
  knownManagers.find(({ nftTables }) => nftTables?.test(table))?.name
