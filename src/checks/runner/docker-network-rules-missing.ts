import type { Fault } from '../../core/finding.ts'
import { count } from '../../core/units.ts'
import { ruleDrift, type UnprotectedNetwork } from '../../facts/queries/runner/rule-drift.ts'
import { runnerCheck } from '../runner-check.ts'

export default runnerCheck({
  id: 'docker-network-rules-missing',
  title: 'every network of the engine has its rules',
  fault: 'Networks are there, with their bridges, and rules of theirs are not: their containers are cut off.',
  severity: 'error',
  advice:
    'Restart Docker when no job runs (systemctl restart docker): it writes the rules of its networks anew. Then find out who removed them.',
  reads: ['runner.networks', 'runner.links', 'runner.rules'],
  consults: ['runner.churn', 'runner.vantage', 'runner.engine'],
  run: (runner) => ruleDrift(runner).bare.map(faultOf),
})

function faultOf({ network, bridge, present, lacks }: UnprotectedNetwork): Fault {
  const all = present === 0 ? 'no rule at all' : `${count(lacks.length, 'rule')} missing`
  return {
    subject: network.name,
    message: `${bridge}: ${all}, ${effectOf(lacks)}`,
    expected: `the rules that Docker writes for a network${network.internal ? ' without way out' : ''}`,
    actual: `${present} of them`,
    evidence: lacks.map((rule) => `missing: ${rule}`),
    cause: 'missing rules',
  }
}

/** What containers of the network notice. */
function effectOf(lacks: string[]): string {
  const masked = lacks.some((rule) => /MASQUERADE|masquerading/.test(rule))
  const filtered = lacks.some((rule) => !/MASQUERADE|masquerading/.test(rule))
  if (!filtered) return 'nothing answers its containers from outside'
  return masked ? 'its containers reach nothing outside' : 'packets to or from it may be dropped'
}
