import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'connection-refused',
  title: 'every host accepts connections',
  fault: 'A host is there, and nothing listens on that port.',
  advice: 'Start the registry, or mend the port in the reference; a proxy before it may be down.',
})
