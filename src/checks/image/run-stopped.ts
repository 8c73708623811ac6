import { troubleCheck } from '../failure-check.ts'

export default troubleCheck({
  id: 'run-stopped',
  group: 'image',
  title: 'the run came to its end',
  fault: 'The run was stopped before everything was looked at.',
  severity: 'note',
  advice: 'Run again; if a limit ran out, raise `timeout` or look at what is slow.',
})
