import { count } from '../../core/units.ts'
import { sharedFailures } from '../../facts/queries/path/shared-failures.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'egress-failing',
  group: 'path',
  title: 'unrelated hosts do not fail alike',
  fault:
    'Egress at fault: hosts that have nothing to do with each other fail in the same phase, seen from this machine.',
  severity: 'error',
  advice:
    'Run the same probe on another machine behind the same router and compare the two reports; then check MTU, NAT and firewall on the way out of this one.',
  reads: ['path.legs'],
  run: ({ path: { legs = [] } }) =>
    sharedFailures(legs).flatMap((same) => {
      const [first] = same
      if (!first) return []
      const hosts = [...new Set(same.map(({ leg }) => leg.host))]
      const sum = (numbers: number[]): number => numbers.reduce((total, one) => total + one, 0)
      const failed = sum(same.map((one) => one.failed))
      const of = sum(same.map((one) => one.of))
      return {
        subject: hosts.slice(0, 6).join(', '),
        message: `${count(hosts.length, 'host')} fail alike, ${failed} of ${of} attempts: ${first.why.detail}`,
        evidence: same
          .slice(0, 12)
          .map(
            (one) => `${one.leg.host} ${one.address ?? ''}: ${one.why.detail}, ${one.failed} of ${one.of}`,
          ),
        cause: `${first.phase} ${first.kind}`,
        because: 'These hosts share no domain and no address, only the way out of this machine.',
      }
    }),
})
