import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'registry-unavailable',
  title: 'the registry is up',
  fault:
    'Registry unavailable: the registry, or the reverse proxy in front of it, responds with server errors.',
  advice:
    "Check the registry's log and the upstream of its reverse proxy; the image is unknown until the registry responds.",
})
