import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'storage-forbidden',
  title: "the blobs' host serves them",
  fault: 'The registry redirects blobs to a storage that refuses to serve them.',
  advice: "Check the storage's clock and bucket policy: the signed address is refused.",
})
