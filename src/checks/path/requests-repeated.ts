import { count } from '../../core/units.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'requests-repeated',
  group: 'path',
  title: 'no request had to be repeated',
  fault: 'Requests had to be repeated before they were answered: something on the road is flaky.',
  severity: 'note',
  advice: 'If this comes back, look at the path before pulls begin to fail.',
  reads: ['path.hosts'],
  run: ({ path }) =>
    path.hosts
      // A host that never answered has a finding of its own; of one behind a proxy no address is known.
      .filter(
        ({ retries, addresses, proxy }) =>
          retries.length > 0 && (addresses.length > 0 || proxy !== undefined),
      )
      .map(({ host, retries, requests }) => ({
        subject: host,
        message: `${count(retries.length, 'repetition')} in ${count(requests, 'request')}`,
        evidence: [...new Set(retries)].slice(0, 5),
      })),
})
