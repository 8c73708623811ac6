import { seenIn } from '../../core/observed.ts'
import { durationText } from '../../core/units.ts'
import { runnerCheck } from '../runner-check.ts'

/** iptables-legacy holds the lock for milliseconds; for 60 ms with a table of 1000 services (measured). */
const longMs = 1000

export default runnerCheck({
  id: 'xtables-lock-contention',
  title: 'the iptables lock is not held for long',
  fault:
    'Lock contention: one program holds the iptables-legacy lock so long that others wait for it or give up.',
  severity: 'warning',
  advice:
    'Call iptables with -w in scripts, and find out why the program holds the lock so long (“fuser -v /run/xtables.lock”). The nft backend needs no lock (“update-alternatives --set iptables /usr/sbin/iptables-nft”, then reboot).',
  reads: ['runner.rules'],
  run: (runner) => {
    const lock = seenIn(runner.rules)?.lock
    if (!lock || lock.waitedMs < longMs) return []
    return [
      {
        subject: '/run/xtables.lock',
        message: `held by ${lock.heldBy} for ${durationText(lock.waitedMs)} without interruption`,
      },
    ]
  },
})
