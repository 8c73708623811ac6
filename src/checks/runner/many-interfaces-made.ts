import { count } from '../../core/units.ts'
import { spanText } from '../../facts/queries/runner/churn.ts'
import { runnerCheck } from '../runner-check.ts'

/** A Woodpecker workflow of three steps uses 13 numbers: this is one workflow every three minutes, day and night. */
const manyPerMinute = 4
const minute = 60_000
/** Before that, the average is dominated by the start of the machine. */
const minUptime = 60 * minute

export default runnerCheck({
  id: 'many-interfaces-made',
  title: 'the host creates few network interfaces',
  fault:
    'Interface churn: this host keeps creating network interfaces; every CI network and container adds some.',
  severity: 'note',
  advice: 'To see when, and for which program, mount the engine’s socket (docs/vantage.md).',
  reads: ['runner.interfaces'],
  consults: ['runner.churn'],
  run: ({ churn, interfaces }) => {
    if (churn.seen || !interfaces || interfaces.uptimeMs < minUptime) return []
    const rate = Math.floor(interfaces.made / (interfaces.uptimeMs / minute))
    if (rate < manyPerMinute) return []
    return [
      {
        subject: 'the host',
        message: `${count(interfaces.made, 'interface')} created in ${spanText(interfaces.uptimeMs)}, ${rate} a minute on average`,
      },
    ]
  },
})
