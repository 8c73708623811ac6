import { seenIn } from '../../core/observed.ts'
import { isComplete } from '../../facts/queries/runner/rule-drift.ts'
import { mssClampsIn, tooLargeBridges, uplinkOf } from '../../facts/queries/runner/uplink.ts'
import { runnerCheck } from '../runner-check.ts'

export default runnerCheck({
  id: 'mss-clamp-one-way',
  title: 'the MSS is clamped in both directions',
  fault:
    'MSS clamp in one direction only: a rule lowers the segments of one side, and packets of the other are still too large.',
  severity: 'warning',
  advice:
    'Add a rule without interface, which covers both directions of new connections: “iptables -t mangle -A FORWARD -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu” (and ip6tables alike). Then delete the other.',
  reads: ['runner.rules', 'runner.links', 'runner.routes'],
  run: (runner) => {
    const uplink = uplinkOf(runner)
    const rules = seenIn(runner.rules)
    if (!uplink || !rules || !isComplete(rules) || tooLargeBridges(runner, uplink).length === 0) return []
    const clamps = mssClampsIn(rules.tables, uplink.name)
    const [inbound, outbound] = [
      clamps.some((clamp) => clamp.inbound),
      clamps.some((clamp) => clamp.outbound),
    ]
    if (inbound === outbound) return []
    const lacking = inbound
      ? 'what servers announce, so guests here send packets that are too large'
      : 'what guests announce, so servers send packets that are too large'
    return [
      {
        subject: uplink.name,
        message: `the uplink ${uplink.name} has MTU ${uplink.mtu}; ${clamps.length === 1 ? 'the rule does' : 'the rules do'} not cover ${lacking}`,
        evidence: clamps.slice(0, 4).map(({ chain, rule }) => `${chain}: ${rule}`),
      },
    ]
  },
})
