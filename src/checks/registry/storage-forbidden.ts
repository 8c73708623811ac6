import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'storage-forbidden',
  title: 'the blob storage serves blobs',
  fault: 'Blob storage access denied: the registry redirects blobs to a storage that refuses to serve them.',
  advice: "Check the storage's clock and bucket policy: it rejects the signed URL.",
})
