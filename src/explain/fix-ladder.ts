import { isNftablesMode } from '../checks/join.ts'
import { managersIn } from '../checks/managers.ts'
import { seenIn } from '../checks/runner.ts'
import type { Owner, RunnerFact } from '../model.ts'

/** One way to end a race between networks that come and go and a program that rewrites rules, with the setting for it. */
export interface Rung {
  id: 'move-runner' | 'own-engine' | 'one-bridge' | 'newer-engine' | 'nftables' | 'no-network-policy'
  text: string
}

/**
 * The ways out that fit what was seen, the surest first. `iptables: false` is never one: containers then have no way out
 * of their host, and nothing keeps networks apart.
 */
export function fixLadder(runner: RunnerFact): Rung[] {
  const owners = ownersIn(runner)
  const managers = managersIn(runner)
  const kubernetes = managers.some(({ kind }) => kind === 'kubernetes')
  const rungs: (Rung | false)[] = [
    kubernetes && {
      id: 'move-runner',
      text: 'run the CI runner on a machine that is no Kubernetes node',
    },
    !isApart(runner) && { id: 'own-engine', text: ownEngine(owners) },
    ...oneBridge(owners),
    newerEngine(runner),
    nftables(runner),
    managers.some(({ name }) => name === 'kube-router') &&
      managers.some(({ name }) => name === 'k3s') && {
        id: 'no-network-policy',
        text: 'if the cluster uses no NetworkPolicy: “disable-network-policy: true” in /etc/rancher/k3s/config.yaml of the servers, then reboot the node, as its old chains stay',
      },
  ]
  return rungs.filter((rung) => rung !== false)
}

/** The ladder in one line, after the next step where there is one. `most`: how many rungs. */
export function ladderText(next: string, runner: RunnerFact, most = 3): string {
  const rungs = fixLadder(runner).slice(0, most)
  const ways = rungs.map(({ text }, at) => (rungs.length > 1 ? `(${at + 1}) ${text}` : text)).join('; ')
  const lead = rungs.length > 1 ? 'the first of these that you can: ' : ''
  if (rungs.length === 0) return next
  return next ? `${next} Then, for good, ${lead}${ways}.` : `To be safe, ${lead}${ways}.`
}

/** Whose networks are there, or came and went. */
function ownersIn({ networks, churn }: RunnerFact): Set<Owner> {
  return new Set([
    ...(seenIn(churn)?.changes ?? []).map(({ owner }) => owner),
    ...(seenIn(networks) ?? []).map(({ owner }) => owner),
  ])
}

/** An engine in a namespace of its own has rules of its own already. */
const isApart = ({ vantage, engine }: RunnerFact): boolean =>
  vantage.nested || vantage.rootless || (seenIn(engine)?.rootless ?? false)

const actionsOwners: Owner[] = ['forgejo', 'act', 'gitea']

function ownEngine(owners: Set<Owner>): string {
  const settings = [
    owners.has('woodpecker') ? 'WOODPECKER_BACKEND_DOCKER_HOST=tcp://dind:2375 of the Woodpecker agent' : '',
    actionsOwners.some((owner) => owners.has(owner))
      ? 'DOCKER_HOST=tcp://dind:2375 of the runner, with “container.docker_host: tcp://dind:2375” in its config.yaml'
      : '',
  ].filter(Boolean)
  const where = settings.length > 0 ? `: ${settings.join(', and ')}` : ''
  return `give CI an engine in a network namespace of its own (docker:dind, rootless, or a VM)${where}`
}

function oneBridge(owners: Set<Owner>): Rung[] {
  const ways = [
    actionsOwners.some((owner) => owners.has(owner))
      ? 'make one network (docker network create ci) and set “container.network: ci” in the runner’s config.yaml; jobs with services still get one of their own'
      : '',
    owners.has('woodpecker')
      ? 'Woodpecker makes a bridge for each workflow: merge workflows, lower WOODPECKER_MAX_WORKFLOWS of the agent, or use the kubernetes backend'
      : '',
  ].filter(Boolean)
  return ways.map((text) => ({ id: 'one-bridge', text }))
}

function newerEngine(runner: RunnerFact): Rung | false {
  const engine = seenIn(runner.engine)
  if (engine?.flavour !== 'docker' || !isOlder(engine.version, [28, 0, 1])) return false
  return {
    id: 'newer-engine',
    text: `update Docker ${engine.version} to 28.0.1 or later, which leaves its jumps in FORWARD alone when a network is made`,
  }
}

function nftables(runner: RunnerFact): Rung | false {
  const engine = seenIn(runner.engine)
  if (engine?.flavour !== 'docker' || isNftablesMode(runner) || !isAtLeast(engine.version, 29)) return false
  return {
    id: 'nftables',
    text: '“"firewall-backend": "nftables"” in /etc/docker/daemon.json (experimental, not with Swarm): Docker’s rules then lie in a table that iptables-restore does not touch',
  }
}

/** A version's numbers; undefined where it has none. */
function numbersOf(version: string): [number, number, number] | undefined {
  const match = /^v?(\d+)\.(\d+)(?:\.(\d+))?/.exec(version)
  return match ? [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)] : undefined
}

/** Whether an engine is older; false where its version is none that can be compared. */
export function isOlder(version: string, than: [number, number, number]): boolean {
  const numbers = numbersOf(version)
  if (!numbers) return false
  const at = numbers.findIndex((number, place) => number !== than[place])
  return at >= 0 && (numbers[at] ?? 0) < (than[at] ?? 0)
}

const isAtLeast = (version: string, major: number): boolean => (numbersOf(version)?.[0] ?? 0) >= major
