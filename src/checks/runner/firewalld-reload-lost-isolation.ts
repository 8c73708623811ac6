import type { Fault } from '../../core/finding.ts'
import { seenIn } from '../../core/observed.ts'
import { count } from '../../core/units.ts'
import { isOlder } from '../../explain/remediation.ts'
import { type IsolationLoss, isolationLossIn } from '../../facts/queries/runner/isolation-loss.ts'
import type { RunnerView } from '../../facts/view.ts'
import { runnerCheck } from '../runner-check.ts'

type View = RunnerView<'engine'>

export default runnerCheck({
  id: 'firewalld-reload-lost-isolation',
  title: 'Docker networks are isolated after a reload of firewalld',
  fault:
    'Isolation lost: firewalld was reloaded, and Docker did not restore the rules that isolate its networks from each other.',
  severity: 'error',
  advice:
    'When no job is running, restart Docker: “systemctl restart docker” recreates the isolation. Update Docker to 28.3.3 or later, which keeps it.',
  covers: ['docker-network-rules-missing', 'iptables-stale-bridge-rule', 'networks-not-isolated'],
  reads: ['runner.networks', 'runner.links', 'runner.rules'],
  consults: ['runner.vantage', 'runner.engine', 'runner.churn', 'runner.programs'],
  run: (runner) => {
    const loss = isolationLossIn(runner)
    return loss ? [faultOf(loss, runner)] : []
  },
})

/** The versions with the fix of CVE-2025-54388. */
function isFixed(version: string): boolean {
  if (!isOlder(version, [28, 3, 3])) return true
  return !isOlder(version, [25, 0, 13]) && isOlder(version, [26, 0, 0])
}

function faultOf({ networks, returned }: IsolationLoss, { engine }: View): Fault {
  const version = seenIn(engine)?.version
  const fixed = version !== undefined && isFixed(version)
  return {
    subject: 'Docker rules',
    message: [
      `${count(networks.length, 'network')} without isolation (${networks
        .slice(0, 4)
        .map(({ name }) => name)
        .join(', ')}${networks.length > 4 ? ` and ${networks.length - 4} more` : ''})`,
      ...(returned.length > 0 ? [`rules of ${count(returned.length, 'removed network')} are back`] : []),
    ].join('; '),
    expected: 'rules in DOCKER-ISOLATION-STAGE-1 and -2 for each network',
    actual: 'none for these networks; their other rules are complete',
    absent: true,
    evidence: [
      'firewalld runs on this host',
      ...(version === undefined ? [] : [`Docker ${version}${fixed ? '' : ', affected by CVE-2025-54388'}`]),
      ...returned
        .slice(0, 12)
        .map(({ bridge, rules }) => `${bridge}: no such link, ${count(rules.length, 'rule')} back`),
    ],
    cause: 'firewalld reload',
    ...(fixed
      ? {
          advice:
            'When no job is running, restart Docker: “systemctl restart docker” recreates the isolation.',
        }
      : {}),
  }
}
