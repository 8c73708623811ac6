import { count } from '../../core/units.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'requests-repeated',
  group: 'path',
  title: 'no request needed a retry',
  fault: 'Requests needed retries: something on the network path is flaky.',
  severity: 'note',
  advice: 'If this recurs, investigate the network path before pulls begin to fail.',
  reads: ['path.hosts'],
  run: ({ path }) =>
    path.hosts
      // A host that was never reached has its own finding. Behind a proxy addresses are unknown.
      .filter(
        ({ retries, addresses, proxy }) =>
          retries.length > 0 && (addresses.length > 0 || proxy !== undefined),
      )
      .map(({ host, retries, requests }) => ({
        subject: host,
        message: `${count(retries.length, 'retry', 'retries')} in ${count(requests, 'request')}`,
        evidence: [...new Set(retries)].slice(0, 5),
      })),
})
