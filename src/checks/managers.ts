import type { RunnerFact, TableFact } from '../model.ts'
import { isNftablesMode } from './join.ts'
import { seenIn } from './runner.ts'

export type ManagerKind = 'engine' | 'kubernetes' | 'firewall' | 'tunnel' | 'other'

/** A program that keeps rules of its own in the host's packet filter. */
export interface Manager {
  name: string
  kind: ManagerKind
  /** Reads a whole table, and writes it back some time later: what others changed meanwhile is undone. */
  overwriter: boolean
  /** Wants its jump to be the first of FORWARD, and moves it there. */
  fighter: boolean
  /** Where its chains are; none where only its program was seen. */
  places: { backend: TableFact['backend']; family: TableFact['family']; table: string }[]
  /** What it was recognised by. */
  evidence: string
}

interface Known {
  name: string
  kind: ManagerKind
  chains?: RegExp
  /** Tables that nft itself, not iptables, lists. */
  natives?: RegExp
  programs?: RegExp
  overwriter?: true
  fighter?: true
}

const known: Known[] = [
  {
    name: 'Docker',
    kind: 'engine',
    chains: /^DOCKER(?:-|$)/,
    natives: /^docker-bridges$/,
    programs: /^dockerd$/,
  },
  { name: 'Podman (netavark)', kind: 'engine', chains: /^NETAVARK/, natives: /^netavark$/ },
  {
    name: 'kube-router',
    kind: 'kubernetes',
    chains: /^KUBE-(?:ROUTER-|POD-FW-|NWPLCY-)/,
    programs: /^kube-router$/,
    overwriter: true,
    fighter: true,
  },
  {
    name: 'kube-proxy',
    kind: 'kubernetes',
    chains:
      /^KUBE-(?:SERVICES|SVC-|SEP-|EXT-|FW-|NODEPORTS|EXTERNAL-SERVICES|FORWARD|PROXY-|MARK-MASQ|POSTROUTING)/,
    natives: /^kube-proxy$/,
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
  { name: 'CNI plugins', kind: 'kubernetes', chains: /^CNI-/, natives: /^cni_hostport$/ },
  { name: 'Cilium', kind: 'kubernetes', chains: /^(?:OLD_)?CILIUM_/, programs: /^cilium-agent$/ },
  { name: 'Calico', kind: 'kubernetes', chains: /^cali-/, natives: /^calico$/, programs: /^calico-node$/ },
  { name: 'Weave', kind: 'kubernetes', chains: /^WEAVE/ },
  { name: 'ufw', kind: 'firewall', chains: /^ufw6?-/ },
  {
    name: 'firewalld',
    kind: 'firewall',
    chains:
      /^(?:IN|FWDI|FWDO|FWD|PRE|POST)_[a-zA-Z]+(?:_(?:allow|deny|log|pre|post))?$|^(?:INPUT|FORWARD|OUTPUT)_(?:direct|ZONES)$/,
    natives: /^firewalld$/,
    programs: /^firewalld$/,
  },
  { name: 'CSF', kind: 'firewall', chains: /^(?:LOCALINPUT|LOCALOUTPUT|DENYIN)$/, programs: /^lfd\b/ },
  {
    name: 'Tailscale',
    kind: 'tunnel',
    chains: /^ts-(?:input|forward|postrouting)$/,
    programs: /^tailscaled$/,
    fighter: true,
  },
  { name: 'fail2ban', kind: 'other', chains: /^f2b-/, natives: /^f2b-table$/, programs: /^fail2ban-server$/ },
  {
    name: 'libvirt',
    kind: 'other',
    chains: /^LIBVIRT_/,
    natives: /^libvirt_network$/,
    programs: /^libvirtd$/,
  },
  { name: 'CrowdSec', kind: 'other', chains: /^CROWDSEC/, natives: /^crowdsec6?$/ },
  { name: 'Istio', kind: 'other', chains: /^ISTIO_/ },
  { name: 'LXD or Incus', kind: 'other', natives: /^(?:lxd|incus)$/, programs: /^(?:lxd|incusd)$/ },
  { name: 'AWS VPC CNI', kind: 'kubernetes', chains: /^AWS-(?:SNAT|CONNMARK)-CHAIN/ },
]

/** Every manager that left chains or tables, or whose program runs, where that can be seen. */
export function managersIn(runner: RunnerFact): Manager[] {
  const tables = seenIn(runner.rules)?.tables ?? []
  const programs = seenIn(runner.programs) ?? []
  return known.flatMap((one): Manager[] => {
    const found = tables.flatMap((table) => chainsOf(one, table))
    const program = programs.find((name) => one.programs?.test(name))
    if (found.length === 0 && program === undefined) return []
    const fighter = one.name === 'Docker' ? movesItsJump(runner, tables) : (one.fighter ?? false)
    return [
      {
        name: one.name,
        kind: one.kind,
        overwriter: one.overwriter ?? false,
        fighter,
        places: found.map(({ table: { backend, family, name } }) => ({ backend, family, table: name })),
        evidence: found[0] ? `chain ${found[0].chain}` : `the program ${program}`,
      },
    ]
  })
}

/**
 * Docker 17.06 to 28.0.0 deletes its jumps and inserts them again at the head of FORWARD with every new network; from
 * 28.0.1 they stay (moby#48560).
 */
function movesItsJump(runner: RunnerFact, tables: TableFact[]): boolean {
  if (isNftablesMode(runner)) return false
  const chains = new Set(tables.flatMap((table) => table.chains.map(({ name }) => name)))
  return chains.has('DOCKER-USER') && !chains.has('DOCKER-FORWARD')
}

function chainsOf({ chains, natives }: Known, table: TableFact): { table: TableFact; chain: string }[] {
  if (table.backend === 'native')
    return natives?.test(table.name) ? [{ table, chain: `table ${table.name}` }] : []
  const own = chains ? table.chains.find(({ name }) => chains.test(name)) : undefined
  return own ? [{ table, chain: own.name }] : []
}

/** The manager whose chain a rule of a base chain jumps to. */
export function managerOfJump(rule: string): string | undefined {
  const target = /(?:^| )-[jg] (\S+)/.exec(rule)?.[1]
  return target === undefined ? undefined : known.find(({ chains }) => chains?.test(target))?.name
}

/** The name of the manager a chain belongs to. */
export const managerOfChain = (chain: string): string | undefined =>
  known.find(({ chains }) => chains?.test(chain))?.name

/** A program that may read a whole table and write it back. */
export interface Rewriter {
  name: string
  /** What tells of it, for people. */
  evidence: string
}

/**
 * Programs that write whole tables over Docker's: kube-router, whose sync saves a table and restores it without
 * `--noflush` every five minutes (cloudnativelabs/kube-router#1372), and whatever ran iptables-restore while we looked.
 * kube-proxy's own iptables-restore keeps others' chains (`--noflush`), and is only seen by the same name.
 */
export function rewritersIn(runner: RunnerFact): Rewriter[] {
  const managers = managersIn(runner)
  const inside = managers.find(({ name }) => name === 'k3s') ? ', inside k3s' : ''
  const present = managers
    .filter(({ overwriter, places }) => overwriter && (places.length === 0 || isActive(runner)))
    .map(({ name, evidence }) => ({ name: `${name}${inside}`, evidence }))
  const seen = (seenIn(runner.rules)?.writers ?? [])
    .filter(({ program }) => isRestore(program))
    .map(({ program, changes }) => ({
      name: program.startsWith('netfilter') ? 'netfilter-persistent' : 'something that runs iptables-restore',
      evidence: `${program} changed rules ${changes} times while we looked`,
    }))
  return [...present, ...seen]
}

/** The kernel keeps 15 bytes of a program's name: `iptables-restor`, `iptables-nft-re`. */
const isRestore = (program: string): boolean =>
  /^ip6?tables-(?:resto|nft-re|legacy-resto)|^netfilter-persi/.test(program)

/**
 * Chains of kube-router outlive it (k3s-io/k3s#7244). Where programs can be seen and none that holds it runs, nobody
 * rewrites.
 */
function isActive({ programs }: RunnerFact): boolean {
  const running = seenIn(programs)
  return !running || running.some((name) => /^(?:k3s|rke2|k0s|kube-router|kubelet)/.test(name))
}

/** Whether Kubernetes writes rules of iptables here, as Docker does; its own nftables tables are nobody else's. */
export function isRaced(runner: RunnerFact): boolean {
  const kubernetes = managersIn(runner).filter(({ kind }) => kind === 'kubernetes')
  if (isNftablesMode(runner) || !isActive(runner)) return false
  return seenIn(runner.rules)
    ? kubernetes.some(({ places }) => places.some(({ backend }) => backend !== 'native'))
    : kubernetes.length > 0
}

/** What of Kubernetes is on this host, by name; none where nothing was seen of it. */
export const kubernetesIn = (runner: RunnerFact): string[] =>
  managersIn(runner)
    .filter(({ kind, places }) => kind === 'kubernetes' && (places.length === 0 || isActive(runner)))
    .map(({ name }) => name)
