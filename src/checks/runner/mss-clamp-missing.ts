import { seenIn } from '../../core/observed.ts'
import { isComplete } from '../../facts/queries/runner/rule-drift.ts'
import { mssClampsIn, tooLargeBridges, uplinkOf } from '../../facts/queries/runner/uplink.ts'
import { runnerCheck } from '../runner-check.ts'

export default runnerCheck({
  id: 'mss-clamp-missing',
  title: 'forwarded connections fit the uplink',
  fault:
    'MSS clamp missing: guests on this host announce segments that do not fit the uplink, and no rule lowers them.',
  severity: 'warning',
  advice:
    'Lower the MSS of new connections in both directions: “iptables -t mangle -A FORWARD -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu” on this host (and ip6tables alike).',
  reads: ['runner.rules', 'runner.links', 'runner.routes'],
  run: (runner) => {
    const uplink = uplinkOf(runner)
    const rules = seenIn(runner.rules)
    if (!uplink || !rules || !isComplete(rules)) return []
    const bridges = tooLargeBridges(runner, uplink)
    if (bridges.length === 0 || mssClampsIn(rules.tables, uplink.name).length > 0) return []
    return [
      {
        subject: uplink.name,
        message: `the uplink ${uplink.name} has MTU ${uplink.mtu}, and no rule clamps the MSS of ${bridges
          .slice(0, 3)
          .map(({ name, mtu }) => `${name} (MTU ${mtu})`)
          .join(', ')}`,
        evidence: bridges.slice(0, 8).map(({ name, mtu }) => `${name}: MTU ${mtu}`),
      },
    ]
  },
})
