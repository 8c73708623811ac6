import { seenIn } from '../core/observed.ts'
import { managersIn } from '../facts/queries/runner/managers.ts'
import { isNftablesMode } from '../facts/queries/runner/rule-drift.ts'
import type { Owner } from '../facts/runner.ts'
import type { RunnerView } from '../facts/view.ts'

/** What decides which steps fit. */
export type RemediationView = RunnerView<'vantage' | 'engine' | 'networks' | 'churn' | 'rules' | 'programs'>

/** One way to end a race between networks that come and go and a program that rewrites rules, with the setting for it. */
export interface RemediationStep {
  id: 'move-runner' | 'own-engine' | 'one-bridge' | 'newer-engine' | 'nftables' | 'no-network-policy'
  text: string
}

/**
 * The ways out that fit what was seen, the surest first. `iptables: false` is never one: containers then have no way out
 * of their host, and nothing keeps networks apart.
 */
export function remediationSteps(runner: RemediationView): RemediationStep[] {
  const owners = ownersIn(runner)
  const managers = managersIn(runner)
  const kubernetes = managers.some(({ kind }) => kind === 'kubernetes')
  const steps: (RemediationStep | false)[] = [
    kubernetes && {
      id: 'move-runner',
      text: 'run CI on a machine that is no Kubernetes node',
    },
    !isApart(runner) && { id: 'own-engine', text: ownEngine(owners) },
    ...oneBridge(owners),
    newerEngine(runner),
    nftables(runner),
    managers.some(({ name }) => name === 'kube-router') &&
      managers.some(({ name }) => name === 'k3s') && {
        id: 'no-network-policy',
        text: '“disable-network-policy: true” in /etc/rancher/k3s/config.yaml of the servers, if no NetworkPolicy is used, and reboot the node',
      },
  ]
  return steps.filter((step) => step !== false)
}

/** Renderers cut an advice that is longer than this (src/render/clean.ts). */
const lineLength = 400

/** The ladder in one line, after the next step where there is one: as many rungs as fit, at most `most`. */
export function remediationText(next: string, runner: RemediationView, most = 3): string {
  const steps = remediationSteps(runner).slice(0, most)
  for (let count = steps.length; count > 0; count -= 1) {
    const text = lineOf(next, steps.slice(0, count))
    if (text.length <= lineLength) return text
  }
  return next
}

function lineOf(next: string, steps: RemediationStep[]): string {
  const several = steps.length > 1
  const ways = steps.map(({ text }, at) => (several ? `(${at + 1}) ${text}` : text)).join('; ')
  const lead = several ? 'the first of these that you can: ' : ''
  return next ? `${next} Then, for good, ${lead}${ways}.` : `To be safe, ${lead}${ways}.`
}

/** Whose networks are there, or came and went. */
function ownersIn({ networks, churn }: RemediationView): Set<Owner> {
  return new Set([
    ...(seenIn(churn)?.changes ?? []).map(({ owner }) => owner),
    ...(seenIn(networks) ?? []).map(({ owner }) => owner),
  ])
}

/** An engine in a namespace of its own has rules of its own already. */
const isApart = ({ vantage, engine }: RemediationView): boolean =>
  vantage.nested || vantage.rootless || (seenIn(engine)?.rootless ?? false)

function ownEngine(owners: Set<Owner>): string {
  const settings = [
    owners.has('woodpecker') ? 'WOODPECKER_BACKEND_DOCKER_HOST of the agent' : '',
    hasActions(owners) ? 'container.docker_host of the runner' : '',
  ].filter(Boolean)
  const where = settings.length > 0 ? `: ${settings.join(', ')}` : ''
  return `give CI an engine with a network namespace of its own (docker:dind, rootless, a VM)${where}`
}

const hasActions = (owners: Set<Owner>): boolean =>
  (['forgejo', 'act', 'gitea'] as const).some((owner) => owners.has(owner))

function oneBridge(owners: Set<Owner>): RemediationStep[] {
  const ways = [
    hasActions(owners)
      ? '“container.network: ci” in the runner’s config.yaml, after docker network create ci'
      : '',
    owners.has('woodpecker')
      ? 'fewer workflows at once (WOODPECKER_MAX_WORKFLOWS of the agent), or its kubernetes backend'
      : '',
  ].filter(Boolean)
  return ways.map((text) => ({ id: 'one-bridge', text }))
}

function newerEngine(runner: RemediationView): RemediationStep | false {
  const engine = seenIn(runner.engine)
  if (engine?.flavour !== 'docker' || !isOlder(engine.version, [28, 0, 1])) return false
  return {
    id: 'newer-engine',
    text: `update Docker ${engine.version} to 28.0.1 or later`,
  }
}

function nftables(runner: RemediationView): RemediationStep | false {
  const engine = seenIn(runner.engine)
  if (engine?.flavour !== 'docker' || isNftablesMode(runner) || !isAtLeast(engine.version, 29)) return false
  return {
    id: 'nftables',
    text: '“"firewall-backend": "nftables"” in /etc/docker/daemon.json (experimental, not with Swarm)',
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
