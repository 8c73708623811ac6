import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'bucket-not-readable',
  group: 'storage',
  title: 'the bucket of the registry can be read',
  fault: 'Bucket not readable: the storage of the registry was not inspected.',
  severity: 'error',
  advice: 'Check s3_endpoint, and that this step can reach the S3 server.',
  reads: ['storage.layout'],
  run: ({ storage: { root, driver, layout, advice, stopped } }) =>
    layout.seen || stopped || driver !== 's3'
      ? []
      : [{ subject: root, message: layout.why, ...(advice === undefined ? {} : { advice }) }],
})
