import { defineCheck } from '../define.ts'

/** Below a tenth of the limit the next pipelines will meet it. */
const low = 0.1

export default defineCheck({
  id: 'rate-limit-low',
  group: 'registry',
  title: 'enough of the rate limit is left',
  fault: 'Little is left of the rate limit of the registry.',
  severity: 'note',
  advice: 'Log in (limits for accounts are higher), or verify fewer tags at a time.',
  reads: ['path.hosts'],
  run: ({ path }) =>
    path.hosts.flatMap(({ host, rateLimit }) => {
      const { limit, remaining } = rateLimit ?? {}
      if (limit === undefined || remaining === undefined || remaining > limit * low) return []
      return [{ subject: host, message: `${remaining} of ${limit} requests are left` }]
    }),
})
