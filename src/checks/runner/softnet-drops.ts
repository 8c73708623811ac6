import { seenIn } from '../../core/observed.ts'
import { count } from '../../core/units.ts'
import { runnerCheck } from '../runner-check.ts'

export default runnerCheck({
  id: 'softnet-drops',
  title: 'the kernel keeps up with incoming packets',
  fault:
    'Receive backlog overflow: packets arrived faster than a CPU processed them, and the kernel dropped some before any rule applied.',
  severity: 'note',
  advice:
    'If it continues, double the limit: “sysctl -w net.core.netdev_max_backlog=$(($(sysctl -n net.core.netdev_max_backlog) * 2))”, and check whether one CPU handles all interrupts.',
  reads: ['runner.pressure'],
  run: (runner) => {
    const { softnetDropped = 0, softnetSqueezed = 0 } = seenIn(runner.pressure) ?? {}
    if (softnetDropped === 0) return []
    return [
      {
        subject: 'softnet',
        message: `${count(softnetDropped, 'packet')} dropped during the inspection`,
        evidence:
          softnetSqueezed > 0
            ? [`the time budget ran out ${count(softnetSqueezed, 'time')} with packets left`]
            : [],
      },
    ]
  },
})
