import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'run-stopped',
  title: 'the run completed',
  fault: 'Run stopped: the run ended before everything was inspected.',
  severity: 'note',
  // What was requested, and not answered in full, may be what took the time.
  names: ({ why }) => why.phase !== 'request',
  advice: 'Run again; if the time ran out, raise `timeout` or find out what is slow.',
})
