import type { Fault } from '../../core/finding.ts'
import { count } from '../../core/units.ts'
import { isIsolation } from '../../facts/queries/runner/isolation-loss.ts'
import { ruleDrift, type UnprotectedNetwork } from '../../facts/queries/runner/rule-drift.ts'
import { runnerCheck } from '../runner-check.ts'

export default runnerCheck({
  id: 'docker-network-rules-missing',
  title: 'every Docker network has its rules',
  fault:
    'Docker rules missing: networks and their bridges exist, but some of their rules do not, which cuts off their containers.',
  severity: 'error',
  advice:
    'When no job is running, restart Docker: “systemctl restart docker” recreates the rules of its networks. Then find the program that removed them.',
  covers: [
    'container-no-egress',
    'networks-not-isolated',
    'published-port-unreachable',
    'containers-cannot-reach-each-other',
    'icc-not-enforced',
  ],
  reads: ['runner.networks', 'runner.links', 'runner.rules'],
  consults: ['runner.churn', 'runner.vantage', 'runner.engine'],
  run: (runner) => ruleDrift(runner).unprotectedNetworks.map(faultOf),
})

function faultOf({ network, bridge, present, missing }: UnprotectedNetwork): Fault {
  const extent = present === 0 ? 'no rules' : `${count(missing.length, 'rule')} missing`
  return {
    subject: network.name,
    message: `${bridge}: ${extent}, ${effectOf(missing)}`,
    expected: `the rules that Docker creates for ${network.internal ? 'an internal network' : 'a network'}`,
    actual: `${present} of them`,
    evidence: missing.map((rule) => `missing: ${rule}`),
    cause: 'missing rules',
    ...(missing.every(isIsolation) ? isolationTexts : {}),
    explains: [network.name],
  }
}

const isolationTexts: Partial<Fault> = {
  cause: 'missing isolation',
  title:
    'Isolation missing: the rules that isolate networks from each other are gone; their other rules exist.',
}

/** The effect on the network's containers. */
function effectOf(missing: string[]): string {
  if (missing.every(isIsolation)) return 'it is no longer isolated from other networks'
  const unmasqueraded = missing.some((rule) => /MASQUERADE|masquerading/.test(rule))
  const unfiltered = missing.some((rule) => !/MASQUERADE|masquerading/.test(rule))
  if (!unfiltered) return 'its containers get no replies from outside'
  return unmasqueraded
    ? 'its containers cannot reach anything outside'
    : 'packets to or from it may be dropped'
}
