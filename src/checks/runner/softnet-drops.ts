import { seenIn } from '../../core/observed.ts'
import { count } from '../../core/units.ts'
import { runnerCheck } from '../runner-check.ts'

export default runnerCheck({
  id: 'softnet-drops',
  title: 'the kernel keeps up with incoming packets',
  fault: 'The kernel dropped packets before any rule saw them: they came faster than a processor took them.',
  severity: 'note',
  advice:
    'Raise net.core.netdev_max_backlog (sysctl -w net.core.netdev_max_backlog=5000) if it goes on, and look for one processor that takes all interrupts.',
  reads: ['runner.pressure'],
  run: (runner) => {
    const { softnetDropped = 0, softnetSqueezed = 0 } = seenIn(runner.pressure) ?? {}
    if (softnetDropped === 0) return []
    return [
      {
        subject: 'softnet',
        message: `${count(softnetDropped, 'packet')} dropped while we looked`,
        evidence:
          softnetSqueezed > 0 ? [`time ran out ${count(softnetSqueezed, 'time')} with packets left`] : [],
      },
    ]
  },
})
