import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'run-stopped',
  title: 'the run came to its end',
  fault: 'The run was stopped before everything was looked at.',
  severity: 'note',
  advice: 'Run again; if a limit ran out, raise `timeout` or look at what is slow.',
})
