import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'storage-unreachable',
  title: 'the blob storage is reachable',
  fault:
    'Blob storage unreachable: the registry responds, but the host that it redirects blobs to cannot be reached.',
  advice:
    'Make the storage host reachable from this runner (DNS, firewall), or turn off redirects in the registry.',
})
