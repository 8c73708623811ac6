import { defineCheck } from '../define.ts'

/** At a tenth of the limit or less, the next pipelines are likely to reach it. */
const lowShare = 0.1

export default defineCheck({
  id: 'rate-limit-low',
  group: 'registry',
  title: 'enough of the rate limit is left',
  fault: 'Rate limit almost reached: few requests to the registry are left.',
  severity: 'note',
  advice: 'Log in (limits for accounts are higher), or verify fewer tags at a time.',
  reads: ['path.hosts'],
  run: ({ path }) =>
    path.hosts.flatMap(({ host, rateLimit }) => {
      const { limit, remaining } = rateLimit ?? {}
      if (limit === undefined || remaining === undefined || remaining > limit * lowShare) return []
      return [{ subject: host, message: `${remaining} of ${limit} requests left` }]
    }),
})
