import { seenIn } from '../../core/observed.ts'
import { durationText } from '../../core/units.ts'
import { runnerCheck } from '../runner-check.ts'

/** One run of iptables-legacy holds the lock for milliseconds; a table of 1000 services for 60 (measured). */
const longMs = 1000

export default runnerCheck({
  id: 'xtables-lock-contention',
  title: 'the lock of iptables is free',
  fault: 'One program holds the lock of iptables-legacy so long that others wait for it, or give up.',
  severity: 'warning',
  advice:
    'Change to the nft backend, which needs no lock (update-alternatives --set iptables /usr/sbin/iptables-nft, then reboot); scripts should call iptables with -w.',
  reads: ['runner.rules'],
  run: (runner) => {
    const lock = seenIn(runner.rules)?.lock
    if (!lock || lock.waitedMs < longMs) return []
    return [
      {
        subject: '/run/xtables.lock',
        message: `held by ${lock.heldBy} for ${durationText(lock.waitedMs)} without a break`,
      },
    ]
  },
})
