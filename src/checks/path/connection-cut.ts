import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'connection-cut',
  title: 'connections hold',
  fault: 'Connections break off in the middle.',
  advice:
    'Look at what stands between: a proxy with a short limit, a firewall that forgets connections, a path with a smaller MTU.',
})
