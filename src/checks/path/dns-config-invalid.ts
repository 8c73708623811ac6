import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'dns-config-invalid',
  group: 'path',
  title: 'the files of dns_config are valid',
  fault: 'Invalid DNS configuration: a file that dns_config names could not be read as one.',
  severity: 'error',
  advice:
    'Correct the file, or the path in dns_config. Mount the files of the host into this step, read-only, and name them by their paths there.',
  reads: ['path.names'],
  run: ({ path: { names } }) =>
    (names?.files?.problems ?? []).map(({ file, message }) => ({ subject: file, message: `it ${message}` })),
})
