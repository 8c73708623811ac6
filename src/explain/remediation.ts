import { seenIn } from '../core/observed.ts'
import { managersIn } from '../facts/queries/runner/managers.ts'
import { isNftablesMode } from '../facts/queries/runner/rule-drift.ts'
import type { Owner } from '../facts/runner.ts'
import type { RunnerView } from '../facts/view.ts'

/** The areas that decide which steps apply. */
export type RemediationView = RunnerView<'vantage' | 'engine' | 'networks' | 'churn' | 'rules' | 'programs'>

/** One way to end the race between network changes and a program that rewrites rules, with its setting. */
export interface RemediationStep {
  id: 'move-runner' | 'own-engine' | 'one-bridge' | 'newer-engine' | 'nftables' | 'no-network-policy'
  text: string
}

/**
 * The steps that apply to this runner, the most reliable first. `iptables: false` is never one: containers then lose their
 * connection to the outside, and networks are no longer isolated from each other.
 */
export function remediationSteps(runner: RemediationView): RemediationStep[] {
  const owners = ownersIn(runner)
  const managers = managersIn(runner)
  const kubernetes = managers.some(({ kind }) => kind === 'kubernetes')
  const steps: (RemediationStep | false)[] = [
    kubernetes && {
      id: 'move-runner',
      text: 'run CI on a machine that is not a Kubernetes node',
    },
    !hasOwnNamespace(runner) && { id: 'own-engine', text: ownEngine(owners) },
    ...oneBridge(owners),
    newerEngine(runner),
    nftables(runner),
    managers.some(({ name }) => name === 'kube-router') &&
      managers.some(({ name }) => name === 'k3s') && {
        id: 'no-network-policy',
        text: 'if no NetworkPolicy is used, set “disable-network-policy: true” in /etc/rancher/k3s/config.yaml of the servers and reboot the node',
      },
  ]
  return steps.filter((step) => step !== false)
}

/** Terminal outputs cut longer advice (`clean` in src/outputs/terminal/clean.ts). */
const maxLength = 400

/** The next action, if any, followed by the remediation steps in one line: as many as fit, at most `maxSteps`. */
export function remediationText(next: string, runner: RemediationView, maxSteps = 3): string {
  const steps = remediationSteps(runner).slice(0, maxSteps)
  for (let count = steps.length; count > 0; count -= 1) {
    const text = lineOf(next, steps.slice(0, count))
    if (text.length <= maxLength) return text
  }
  return next
}

function lineOf(next: string, steps: RemediationStep[]): string {
  const several = steps.length > 1
  const options = steps.map(({ text }, at) => (several ? `(${at + 1}) ${text}` : text)).join('; ')
  const lead = several ? 'do the first that you can: ' : ''
  return `${next ? `${next} ` : ''}To prevent the race, ${lead}${options}.`
}

/** The owners of the networks that exist or changed. */
function ownersIn({ networks, churn }: RemediationView): Set<Owner> {
  return new Set([
    ...(seenIn(churn)?.changes ?? []).map(({ owner }) => owner),
    ...(seenIn(networks) ?? []).map(({ owner }) => owner),
  ])
}

/** Whether the engine already has its own network namespace, and so its own rules. */
const hasOwnNamespace = ({ vantage, engine }: RemediationView): boolean =>
  vantage.nested || vantage.rootless || (seenIn(engine)?.rootless ?? false)

function ownEngine(owners: Set<Owner>): string {
  const settings = [
    owners.has('woodpecker') ? 'WOODPECKER_BACKEND_DOCKER_HOST of the agent' : '',
    hasActions(owners) ? 'container.docker_host of the runner' : '',
  ].filter(Boolean)
  const where = settings.length > 0 ? `: ${settings.join(', ')}` : ''
  return `give CI an engine with its own network namespace (docker:dind, rootless, a VM)${where}`
}

const hasActions = (owners: Set<Owner>): boolean =>
  (['forgejo', 'act', 'gitea'] as const).some((owner) => owners.has(owner))

function oneBridge(owners: Set<Owner>): RemediationStep[] {
  const texts = [
    hasActions(owners)
      ? 'run “docker network create ci” and set “container.network: ci” in the runner’s config.yaml'
      : '',
    owners.has('woodpecker')
      ? 'run fewer workflows at once (WOODPECKER_MAX_WORKFLOWS of the agent), or use the Kubernetes backend'
      : '',
  ].filter(Boolean)
  return texts.map((text) => ({ id: 'one-bridge', text }))
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
    text: 'set “"firewall-backend": "nftables"” in /etc/docker/daemon.json (experimental, not with Swarm)',
  }
}

/** The numbers of a version; undefined where it does not start with any. */
function numbersOf(version: string): [number, number, number] | undefined {
  const match = /^v?(\d+)\.(\d+)(?:\.(\d+))?/.exec(version)
  return match ? [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)] : undefined
}

/** Whether an engine is older than a version; false where its version cannot be compared. */
export function isOlder(version: string, than: [number, number, number]): boolean {
  const numbers = numbersOf(version)
  if (!numbers) return false
  const position = numbers.findIndex((number, at) => number !== than[at])
  return position >= 0 && (numbers[position] ?? 0) < (than[position] ?? 0)
}

const isAtLeast = (version: string, major: number): boolean => (numbersOf(version)?.[0] ?? 0) >= major
