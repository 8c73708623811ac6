import { troubleCheck } from '../failure-check.ts'

export default troubleCheck({
  id: 'connection-refused',
  group: 'path',
  title: 'every host accepts connections',
  fault: 'A host is there, and nothing listens on that port.',
  advice: 'Start the registry, or mend the port in the reference; a proxy before it may be down.',
})
