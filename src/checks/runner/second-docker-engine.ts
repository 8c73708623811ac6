import { count } from '../../core/units.ts'
import { lostOldest } from '../../facts/queries/runner/flush.ts'
import { isIsolation } from '../../facts/queries/runner/isolation-loss.ts'
import {
  bridgeNetworks,
  type DriftView,
  ruleDrift,
  type UnprotectedNetwork,
} from '../../facts/queries/runner/rule-drift.ts'
import { runnerCheck } from '../runner-check.ts'

export default runnerCheck({
  id: 'second-docker-engine',
  title: 'one Docker engine writes rules on this host',
  fault:
    'Two Docker engines: several daemons run in one network namespace and write the same chains; each start of one deletes rules of the other’s networks.',
  severity: 'warning',
  advice:
    'Keep one engine: list the containers of each (“docker -H SOCKET ps -a”), then stop and disable the one that nothing uses.',
  covers: ['docker-network-rules-missing', 'docker-chain-missing'],
  reads: ['runner.daemons'],
  consults: [
    'runner.networks',
    'runner.links',
    'runner.rules',
    'runner.vantage',
    'runner.engine',
    'runner.churn',
  ],
  run: (runner) => {
    const { daemons = [] } = runner
    const writing = daemons.filter(({ writesRules }) => writesRules !== false)
    if (writing.length < 2) return []
    const lost = lostIn(runner)
    const snap = writing.some((daemon) => daemon.snap) && writing.some((daemon) => !daemon.snap)
    return [
      {
        subject: 'dockerd',
        ...(lost.length > 0 ? { severity: 'error' as const } : {}),
        message: `${count(writing.length, 'Docker daemon')} in one network namespace${snap ? ', one of them installed by snap' : ''}${effectOf(lost)}`,
        evidence: [
          ...writing.map(({ command }) => command),
          ...lost
            .slice(0, 8)
            .map(
              ({ network, bridge, missing }) =>
                `${network.name} (${bridge}): ${missing.every(isIsolation) ? 'no isolation rules' : `${count(missing.length, 'rule')} missing`}`,
            ),
        ],
        cause: 'engines',
        ...(snap
          ? {
              advice:
                'Keep one engine. List the containers of the one from snap: “docker -H unix:///run/snap.docker/docker.sock ps -a”. If nothing uses it, “snap disable docker” stops it and keeps its data.',
            }
          : {}),
      },
    ]
  },
})

/**
 * The networks whose rules the start of the other engine deleted: on 20.10 only their isolation, on 29 every rule of the filter table,
 * and with nftables all of them. Networks that were created later have theirs, and both engines share docker0.
 */
function lostIn(runner: DriftView): UnprotectedNetwork[] {
  const all = ruleDrift(runner).unprotectedNetworks
  if (all.every(({ missing }) => missing.every(isIsolation))) return all
  const lost = all.filter(({ bridge }) => bridge !== 'docker0')
  const networks = lost.map(({ network }) => network)
  const having = (bridgeNetworks(runner, runner) ?? [])
    .filter(({ bridge }) => bridge !== 'docker0' && !lost.some((one) => one.bridge === bridge))
    .map(({ network }) => network)
  return lostOldest(networks, having) ? lost : []
}

function effectOf(lost: UnprotectedNetwork[]): string {
  if (lost.length === 0) return ''
  return lost.every(({ missing }) => missing.every(isIsolation))
    ? `; ${count(lost.length, 'network is', 'networks are')} no longer isolated`
    : `; ${count(lost.length, 'network')} lost rules`
}
