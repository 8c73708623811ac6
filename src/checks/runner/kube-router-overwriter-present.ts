import { remediationText } from '../../explain/remediation.ts'
import { burstsIn } from '../../facts/queries/runner/churn.ts'
import { managersIn, rewritersIn } from '../../facts/queries/runner/managers.ts'
import type { RunnerView } from '../../facts/view.ts'
import { runnerCheck } from '../runner-check.ts'

type View = RunnerView<'rules' | 'vantage' | 'engine' | 'networks' | 'churn' | 'links' | 'programs'>

/** Networks that change within 60 s: the smallest burst that bridge-churn-burst reports. */
const burstSize = 5

export default runnerCheck({
  id: 'kube-router-overwriter-present',
  title: 'no program rewrites the tables that hold Docker’s rules',
  fault:
    'Shared table: kube-router rewrites a table with Docker’s rules as a whole every five minutes, and changes that Docker makes meanwhile are lost.',
  severity: 'note',
  advice: 'Keep CI networks off this node, or Docker’s rules out of that table.',
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
    const busy = burstsIn(runner).some(({ peak60 }) => peak60 >= burstSize)
    return [
      {
        subject: `table ${shared}`,
        message: `${rewriter.evidence} in one table with Docker’s chains${busy ? '; networks were created or removed while it ran' : ''}`,
        severity: busy ? 'warning' : 'note',
        advice: busy
          ? remediationText('', runner)
          : 'No action is needed unless CI creates networks here (regguard-plugin explain bridge-churn-race).',
      },
    ]
  },
})

/** A table (of one backend and family) that holds chains of Docker and of kube-router. */
function sharedTable(runner: View): string | undefined {
  const managers = managersIn(runner)
  const placesOf = (wanted: string) => managers.find(({ name }) => name === wanted)?.places ?? []
  const docker = placesOf('Docker').filter(({ backend }) => backend !== 'native')
  const shared = placesOf('kube-router').find((place) =>
    docker.some(
      ({ backend, family, table }) =>
        backend === place.backend && family === place.family && table === place.table,
    ),
  )
  return shared && `${shared.family === 'ip6' ? 'ip6 ' : ''}${shared.table} (iptables-${shared.backend})`
}
