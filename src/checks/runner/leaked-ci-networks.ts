import { seenIn } from '../../core/observed.ts'
import { count } from '../../core/units.ts'
import { spanText, timeText } from '../../facts/queries/runner/churn.ts'
import { isCi, isUnused } from '../../facts/queries/runner/pools.ts'
import type { NetworkFact } from '../../facts/runner.ts'
import { runnerCheck } from '../runner-check.ts'

/**
 * No job runs longer by default: Woodpecker and GitLab stop a job after 1 h, Forgejo's runner after 3 h, GitHub after 6 h. A network
 * of compose that has no container at all can be that of a project that is being started or changed.
 */
const oldMs = (owner: NetworkFact['owner']): number =>
  (owner === 'compose' ? 24 : owner === 'github' ? 6 : 3) * 60 * 60_000
/** From this number on, more than one cleanup failed. */
const manyNetworks = 3

export default runnerCheck({
  id: 'leaked-ci-networks',
  title: 'CI removes its networks',
  fault:
    'Leaked CI networks: networks of CI jobs that ended hours ago still exist, because their cleanup failed; each keeps an address range.',
  severity: 'warning',
  advice:
    'When no job is running, remove them: “docker ps -a --filter network=NAME” must list no container, then “docker network rm NAME”. Remove a few at a time: each takes some 20 iptables calls.',
  reads: ['runner.networks'],
  run: (runner) => {
    const leaked = (seenIn(runner.networks) ?? [])
      .filter(({ owner, createdAt }) => (isCi(owner) || owner === 'compose') && createdAt !== undefined)
      .filter(isUnused)
      .filter(({ owner, createdAt = runner.at }) => runner.at - createdAt >= oldMs(owner))
      .toSorted((a, b) => (a.createdAt ?? 0) - (b.createdAt ?? 0))
    const [oldest] = leaked
    if (!oldest) return []
    const owners = new Set(leaked.map(({ owner }) => owner))
    return [
      {
        subject: [...owners].join(', '),
        message: `${count(leaked.length, 'network')} without a running container, the oldest ${spanText(runner.at - (oldest.createdAt ?? 0))} old`,
        severity: leaked.length >= manyNetworks ? 'warning' : 'note',
        evidence: leaked
          .slice(0, 12)
          .map(
            ({ name, createdAt = 0, containers = 0 }) =>
              `${name}, created ${timeText(createdAt)} UTC${containers > 0 ? `, used by ${count(containers, 'stopped container')}` : ''}`,
          ),
      },
    ]
  },
})
