import { count } from '../../core/units.ts'
import type { LegFailure } from '../../facts/queries/path/legs.ts'
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
      const failed = sum(same.map((one) => one.failed))
      const of = sum(same.map((one) => one.of))
      return {
        subject: hosts.slice(0, 6).join(', '),
        message: `${count(hosts.length, 'host')} fail alike, ${failed} of ${of} attempts: ${first.why.detail}`,
        evidence: same.slice(0, 12).map(lineOf),
        cause: `${first.phase} ${first.kind}`,
        because: 'These hosts share no domain and no address, only the way out of this machine.',
        ...(first.phase === 'dns' ? ofNames : {}),
      }
    }),
})

const ofNames = {
  title: 'DNS at fault: names that have nothing to do with each other are not resolved on this machine.',
  because: 'These names share no domain, only the resolvers of this machine.',
  advice:
    'Ask each resolver of /etc/resolv.conf from this machine: dig @RESOLVER NAME. One that does not answer has to be reached or replaced.',
}

const lineOf = ({ leg, address, why, failed, of }: LegFailure): string =>
  `${[leg.host, address].filter(Boolean).join(' ')}: ${why.detail}, ${failed} of ${of}`

const sum = (numbers: number[]): number => numbers.reduce((total, one) => total + one, 0)
