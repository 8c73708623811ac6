import { defineCheck } from '../define.ts'
import { fluxFault } from '../flux-fault.ts'

export default defineCheck({
  id: 'flux-source-cached',
  group: 'cluster',
  title: 'every source of Flux is fetched',
  fault: 'Flux source not fetched: what is deployed is not affected, it was fetched before.',
  severity: 'warning',
  advice: 'Watch whether it lasts: what is pushed meanwhile is not deployed.',
  reads: ['cluster.flux'],
  run: ({ cluster: { flux } }) =>
    (flux?.sources ?? [])
      .filter(({ outcome }) => outcome === 'unaffected')
      .map((source) => ({
        ...fluxFault(source),
        because:
          'Everything that takes from it is ready with the artifact that is in storage; Flux goes on with that.',
      })),
})
