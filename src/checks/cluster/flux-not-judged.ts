import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'flux-not-judged',
  group: 'cluster',
  title: 'every object of Flux has a current status',
  fault: 'Flux object not judged: its status says nothing of its present state.',
  severity: 'note',
  advice: 'Resume it with “flux resume”, or see why its controller does not answer.',
  reads: ['cluster.flux'],
  run: ({ cluster: { flux } }) => [
    ...(flux?.suspended ?? []).map((name) => ({ subject: name, message: 'suspended', cause: 'suspended' })),
    ...(flux?.stale ?? []).map((name) => ({
      subject: name,
      message: 'its status is of an older generation',
      cause: 'stale',
    })),
  ],
})
