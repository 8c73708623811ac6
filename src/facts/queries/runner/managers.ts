import { seenIn } from '../../../core/observed.ts'
import type { TableFact } from '../../runner.ts'
import type { RunnerView } from '../../view.ts'
import { type KnownManager, knownManagers, type ManagerKind } from './known-managers.ts'
import { isNftablesMode } from './rule-drift.ts'

/** What managers of rules are recognised by. */
export type ManagerView = RunnerView<'engine' | 'rules' | 'programs'>

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

/** Every manager that left chains or tables, or whose program runs, where that can be seen. */
export function managersIn(runner: ManagerView): Manager[] {
  const tables = seenIn(runner.rules)?.tables ?? []
  const programs = seenIn(runner.programs) ?? []
  return knownManagers.flatMap((one): Manager[] => {
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
function movesItsJump(runner: ManagerView, tables: TableFact[]): boolean {
  if (isNftablesMode(runner)) return false
  const chains = new Set(tables.flatMap((table) => table.chains.map(({ name }) => name)))
  return chains.has('DOCKER-USER') && !chains.has('DOCKER-FORWARD')
}

function chainsOf(
  { chains, natives }: KnownManager,
  table: TableFact,
): { table: TableFact; chain: string }[] {
  if (table.backend === 'native')
    return natives?.test(table.name) ? [{ table, chain: `table ${table.name}` }] : []
  const own = chains ? table.chains.find(({ name }) => chains.test(name)) : undefined
  return own ? [{ table, chain: own.name }] : []
}

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
export function rewritersIn(runner: ManagerView): Rewriter[] {
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
function isActive({ programs }: ManagerView): boolean {
  const running = seenIn(programs)
  return !running || running.some((name) => /^(?:k3s|rke2|k0s|kube-router|kubelet)/.test(name))
}

/** Whether Kubernetes writes rules of iptables here, as Docker does; its own nftables tables are nobody else's. */
export function isRaced(runner: ManagerView): boolean {
  const kubernetes = managersIn(runner).filter(({ kind }) => kind === 'kubernetes')
  if (isNftablesMode(runner) || !isActive(runner)) return false
  return seenIn(runner.rules)
    ? kubernetes.some(({ places }) => places.some(({ backend }) => backend !== 'native'))
    : kubernetes.length > 0
}

/** What of Kubernetes is on this host, by name; none where nothing was seen of it. */
export const kubernetesIn = (runner: ManagerView): string[] =>
  managersIn(runner)
    .filter(({ kind, places }) => kind === 'kubernetes' && (places.length === 0 || isActive(runner)))
    .map(({ name }) => name)
