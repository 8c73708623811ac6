import { seenIn } from '../../core/observed.ts'
import { count } from '../../core/units.ts'
import { spanText, timeText } from '../../facts/queries/runner/churn.ts'
import { isCi } from '../../facts/queries/runner/pools.ts'
import { runnerCheck } from '../runner-check.ts'

/** No job runs longer by default: Woodpecker stops one after 1 h, Forgejo's runner after 3 h. */
const oldMs = 3 * 60 * 60_000
/** So many are more than one failed cleanup. */
const many = 3

export default runnerCheck({
  id: 'leaked-ci-networks',
  title: 'CI cleans up its networks',
  fault:
    'Networks of CI jobs that are long over are still there: their cleanup failed, and each keeps an address range.',
  severity: 'warning',
  advice:
    'Remove them when no job runs: docker network prune --filter until=24h (each costs iptables some 20 calls, so many at once are a burst of their own).',
  reads: ['runner.networks'],
  run: (runner) => {
    const leaked = (seenIn(runner.networks) ?? [])
      .filter(({ owner, endpoints, createdAt }) => isCi(owner) && endpoints === 0 && createdAt !== undefined)
      .filter(({ createdAt = runner.at }) => runner.at - createdAt >= oldMs)
      .toSorted((a, b) => (a.createdAt ?? 0) - (b.createdAt ?? 0))
    const [oldest] = leaked
    if (!oldest) return []
    const owners = new Set(leaked.map(({ owner }) => owner))
    return [
      {
        subject: [...owners].join(', '),
        message: `${count(leaked.length, 'network')} without a container, the oldest since ${spanText(runner.at - (oldest.createdAt ?? 0))}`,
        severity: leaked.length >= many ? 'warning' : 'note',
        evidence: leaked
          .slice(0, 12)
          .map(({ name, createdAt = 0 }) => `${name}, made ${timeText(createdAt)}`),
      },
    ]
  },
})
