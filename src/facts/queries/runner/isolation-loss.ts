import type { NetworkFact } from '../../runner.ts'
import { lostOldest } from './flush.ts'
import { type ManagerView, managersIn } from './managers.ts'
import { bridgeNetworks, type DriftView, ruleDrift, type StaleBridge } from './rule-drift.ts'

/** Whether a missing rule, as in `UnprotectedNetwork`, is one that isolates a network from the others. */
export const isIsolation = (rule: string): boolean => rule.startsWith('filter DOCKER-ISOLATION-STAGE-')

/** Isolation between networks that a reload of firewalld removed. */
export interface IsolationLoss {
  networks: NetworkFact[]
  /** Removed networks whose other rules are back. */
  returned: StaleBridge[]
}

/**
 * After a reload of firewalld, Docker up to 28.3.2 writes the rules of all networks it ever had, the removed ones included, and
 * not those that isolate them (CVE-2025-54388; measured on 20.10.24). Undefined where anything else is missing, where firewalld
 * does not run, or where a network that is older than the reload still has its isolation.
 */
export function isolationLossIn(runner: DriftView & ManagerView): IsolationLoss | undefined {
  const { unprotectedNetworks, staleBridges } = ruleDrift(runner)
  if (!unprotectedNetworks.every(({ missing }) => missing.every(isIsolation))) return undefined
  const networks = unprotectedNetworks.map(({ network }) => network)
  const having = (bridgeNetworks(runner, runner) ?? [])
    .map(({ network }) => network)
    .filter((network) => !network.internal && !networks.some(({ id }) => id === network.id))
  const firewalld = managersIn(runner).some(({ name }) => name === 'firewalld')
  if (!firewalld || !lostOldest(networks, having)) return undefined
  return { networks, returned: staleBridges.filter(({ network }) => !network) }
}
