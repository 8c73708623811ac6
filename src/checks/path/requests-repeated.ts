import { failureInfo } from '../../core/failure.ts'
import type { Fault } from '../../core/finding.ts'
import { count } from '../../core/units.ts'
import type { HostFact } from '../../facts/path.ts'
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
      .map((host) => ({
        subject: host.host,
        message: `${count(host.retries.length, 'retry', 'retries')} in ${count(host.requests, 'request')}`,
        evidence: [...new Set(host.retries.map(({ kind, detail }) => `${kind}: ${detail}`))].slice(0, 5),
        ...(isOnPath(host) ? {} : serverErrors),
      })),
})

const isOnPath = ({ retries }: HostFact): boolean =>
  retries.some(({ kind }) => failureInfo(kind).group === 'path')

const serverErrors: Partial<Fault> = {
  title: 'Requests needed retries: the server answered with errors.',
  advice: 'If this recurs, check the log and the load of the server.',
}
