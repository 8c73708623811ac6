import { remediationText } from '../../explain/remediation.ts'
import { burstsIn } from '../../facts/queries/runner/churn.ts'
import { managersIn, rewritersIn } from '../../facts/queries/runner/managers.ts'
import type { RunnerView } from '../../facts/view.ts'
import { runnerCheck } from '../runner-check.ts'

type View = RunnerView<'rules' | 'vantage' | 'engine' | 'networks' | 'churn' | 'links' | 'programs'>

/** Networks within a minute: the fewest that bridge-churn-burst tells of. */
const many = 5

export default runnerCheck({
  id: 'kube-router-overwriter-present',
  title: 'nobody writes whole tables over Docker’s rules',
  fault:
    'Docker and kube-router keep their rules in one table, and kube-router writes all of it anew every five minutes: what Docker changes meanwhile is lost.',
  severity: 'note',
  advice: 'Keep CI networks off this node, or its rules out of that table.',
  reads: ['runner.rules'],
  consults: [
    'runner.vantage',
    'runner.engine',
    'runner.networks',
    'runner.churn',
    'runner.links',
    'runner.programs',
  ],
  run: (runner) => {
    const rewriter = rewritersIn(runner).find(({ name }) => name.startsWith('kube-router'))
    const shared = rewriter && sharedTable(runner)
    if (!rewriter || !shared) return []
    const busy = burstsIn(runner).some(({ peak60 }) => peak60 >= many)
    return [
      {
        subject: `table ${shared}`,
        message: `${rewriter.evidence}, beside chains of Docker’s${busy ? '; networks came and went while it ran' : ''}`,
        severity: busy ? 'warning' : 'note',
        advice: busy
          ? remediationText('', runner)
          : 'Nothing to do unless CI makes networks here (regguard-plugin explain bridge-churn-race).',
      },
    ]
  },
})

/** A table, of one backend and family, that holds chains of both. */
function sharedTable(runner: View): string | undefined {
  const managers = managersIn(runner)
  const placesOf = (wanted: string) => managers.find(({ name }) => name === wanted)?.places ?? []
  const docker = placesOf('Docker').filter(({ backend }) => backend !== 'native')
  const both = placesOf('kube-router').find((place) =>
    docker.some(
      ({ backend, family, table }) =>
        backend === place.backend && family === place.family && table === place.table,
    ),
  )
  return both && `${both.family === 'ip6' ? 'ip6 ' : ''}${both.table} (iptables-${both.backend})`
}
