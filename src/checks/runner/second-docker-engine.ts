import { count } from '../../core/units.ts'
import { isIsolation } from '../../facts/queries/runner/isolation-loss.ts'
import { ruleDrift } from '../../facts/queries/runner/rule-drift.ts'
import { runnerCheck } from '../runner-check.ts'

export default runnerCheck({
  id: 'second-docker-engine',
  title: 'one Docker engine writes rules on this host',
  fault:
    'Two Docker engines: several daemons run in one network namespace and write the same chains; each start of one deletes the isolation of the other’s networks.',
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
    const lost = ruleDrift(runner).unprotectedNetworks.filter(({ missing }) => missing.every(isIsolation))
    const snap = writing.some((daemon) => daemon.snap) && writing.some((daemon) => !daemon.snap)
    return [
      {
        subject: 'dockerd',
        ...(lost.length > 0 ? { severity: 'error' as const } : {}),
        message: `${count(writing.length, 'Docker daemon')} in one network namespace${snap ? ', one of them installed by snap' : ''}${lost.length > 0 ? `; ${count(lost.length, 'network is', 'networks are')} no longer isolated` : ''}`,
        evidence: [
          ...writing.map(({ command }) => command),
          ...lost.slice(0, 8).map(({ network, bridge }) => `${network.name} (${bridge}): no isolation rules`),
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
