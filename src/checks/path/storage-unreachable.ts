import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'storage-unreachable',
  title: "the blobs' host can be reached",
  fault: 'The registry is fine, and the host it redirects blobs to cannot be reached.',
  advice:
    'Make the storage host reachable from this runner (DNS, firewall), or turn redirects off on the registry.',
})
