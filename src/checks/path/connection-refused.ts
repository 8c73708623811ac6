import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'connection-refused',
  title: 'every host accepts connections',
  fault: 'Connection refused: the host answers, but nothing listens on this port.',
  advice:
    'Check that the registry is running and that the port is right; if a reverse proxy fronts it, check that too.',
})
