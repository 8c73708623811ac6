import { count } from '../../core/units.ts'
import { spanText } from '../../facts/queries/runner/churn.ts'
import { runnerCheck } from '../runner-check.ts'

/** A workflow of three steps on Woodpecker takes 13 numbers: this is one every three minutes, day and night. */
const manyAMinute = 4
const minute = 60_000
/** Before that the average tells of the start of the machine. */
const leastUptime = 60 * minute

export default runnerCheck({
  id: 'many-interfaces-made',
  title: 'the host makes few network interfaces',
  fault: 'This host makes network interfaces all the time: each network and each container of CI takes some.',
  severity: 'note',
  advice: 'Let regguard see when, and for whom: mount the socket of the engine (docs/vantage.md).',
  reads: ['runner.interfaces'],
  consults: ['runner.churn'],
  run: ({ churn, interfaces }) => {
    if (churn.seen || !interfaces || interfaces.uptimeMs < leastUptime) return []
    const rate = Math.floor(interfaces.made / (interfaces.uptimeMs / minute))
    if (rate < manyAMinute) return []
    const made = count(interfaces.made, 'interface')
    return [
      {
        subject: 'the host',
        message: `${made} in ${spanText(interfaces.uptimeMs)}, ${rate} a minute on average`,
      },
    ]
  },
})
