import { seenIn } from '../../../core/observed.ts'
import { count } from '../../../core/units.ts'
import type { TableFact } from '../../runner.ts'
import type { RunnerView } from '../../view.ts'
import { type KnownManager, knownManagers, type ManagerKind } from './known-managers.ts'
import { isNftablesMode } from './rule-drift.ts'

/** The areas by which managers are recognised. */
export type ManagerView = RunnerView<'engine' | 'rules' | 'programs'>

/** A program that keeps its own rules in the host's packet filter. */
export interface Manager {
  name: string
  kind: ManagerKind
  /** Reads a whole table and writes it back later, which undoes what other programs changed in between. */
  rewritesTables: boolean
  /** Moves its jump to the top of FORWARD. */
  movesJump: boolean
  /** Where its chains are; empty where only its process was seen. */
  places: { backend: TableFact['backend']; family: TableFact['family']; table: string }[]
  /** How it was recognised, for people. */
  evidence: string
}

/** Every manager that has chains or tables here, or a running process where processes could be listed. */
export function managersIn(runner: ManagerView): Manager[] {
  const tables = seenIn(runner.rules)?.tables ?? []
  const programs = seenIn(runner.programs) ?? []
  return knownManagers.flatMap((one): Manager[] => {
    const found = tables.flatMap((table) => chainsOf(one, table))
    const program = programs.find((name) => one.programs?.test(name))
    if (found.length === 0 && program === undefined) return []
    const movesJump = one.name === 'Docker' ? dockerMovesJump(runner, tables) : (one.movesJump ?? false)
    return [
      {
        name: one.name,
        kind: one.kind,
        rewritesTables: one.rewritesTables ?? false,
        movesJump,
        places: found.map(({ table: { backend, family, name } }) => ({ backend, family, table: name })),
        evidence: found[0] ? `chain ${found[0].chain}` : `process ${program}`,
      },
    ]
  })
}

/**
 * Docker 17.06 to 28.0.0 deletes its jumps and inserts them again at the top of FORWARD with every new network; since 28.0.1
 * they stay in place (moby#48560).
 */
function dockerMovesJump(runner: ManagerView, tables: TableFact[]): boolean {
  if (isNftablesMode(runner)) return false
  const chains = new Set(tables.flatMap((table) => table.chains.map(({ name }) => name)))
  return chains.has('DOCKER-USER') && !chains.has('DOCKER-FORWARD')
}

function chainsOf(
  { chains, nftTables }: KnownManager,
  table: TableFact,
): { table: TableFact; chain: string }[] {
  if (table.backend === 'native')
    return nftTables?.test(table.name) ? [{ table, chain: `table ${table.name}` }] : []
  const own = chains ? table.chains.find(({ name }) => chains.test(name)) : undefined
  return own ? [{ table, chain: own.name }] : []
}

/** A program that reads whole tables and writes them back. */
export interface Rewriter {
  name: string
  /** How it was recognised, for people. */
  evidence: string
}

/**
 * Programs that rewrite whole tables with Docker's rules in them: kube-router, whose sync saves a table and restores it without
 * `--noflush` every five minutes (cloudnativelabs/kube-router#1372), and every program that did so by iptables-restore during the
 * inspection. With `--noflush`, as ufw, Calico and kube-proxy call it, iptables-restore leaves the rules of others alone.
 */
export function rewritersIn(runner: ManagerView): Rewriter[] {
  const managers = managersIn(runner)
  const inside = managers.find(({ name }) => name === 'k3s') ? ' inside k3s' : ''
  const present = managers
    .filter(
      ({ rewritesTables, places }) => rewritesTables && (places.length === 0 || isKubernetesRunning(runner)),
    )
    .map(({ name, evidence }) => ({ name: `${name}${inside}`, evidence }))
  const seen = (seenIn(runner.rules)?.writers ?? []).flatMap(({ program, rewrites = 0 }) =>
    rewrites === 0 || !isRestore(program)
      ? []
      : [
          {
            name: program.startsWith('netfilter')
              ? 'netfilter-persistent'
              : 'a program that runs iptables-restore',
            evidence: `${program} wrote whole tables ${count(rewrites, 'time')} during the inspection`,
          },
        ],
  )
  return [...present, ...seen]
}

/** The kernel truncates process names to 15 bytes: `iptables-restor`, `iptables-nft-re`, `xtables-nft-mul`. */
const isRestore = (program: string): boolean =>
  /^ip6?tables-(?:resto|nft-re|legacy-resto)|^xtables-nft-mul|^netfilter-persi/.test(program)

/**
 * kube-router's chains outlive it (k3s-io/k3s#7244): where processes can be listed, and neither kube-router nor a program that
 * embeds it runs, the chains are left over.
 */
function isKubernetesRunning({ programs }: ManagerView): boolean {
  const running = seenIn(programs)
  return !running || running.some((name) => /^(?:k3s|rke2|k0s|kube-router|kubelet)/.test(name))
}

/** Whether Kubernetes and Docker both write iptables rules here; tables in nftables mode are not shared. */
export function racesWithKubernetes(runner: ManagerView): boolean {
  const kubernetes = managersIn(runner).filter(({ kind }) => kind === 'kubernetes')
  if (isNftablesMode(runner) || !isKubernetesRunning(runner)) return false
  return seenIn(runner.rules)
    ? kubernetes.some(({ places }) => places.some(({ backend }) => backend !== 'native'))
    : kubernetes.length > 0
}

/** The names of the Kubernetes components that run on this host. */
export const kubernetesIn = (runner: ManagerView): string[] =>
  managersIn(runner)
    .filter(
      ({ kind, places }) => kind === 'kubernetes' && (places.length === 0 || isKubernetesRunning(runner)),
    )
    .map(({ name }) => name)
