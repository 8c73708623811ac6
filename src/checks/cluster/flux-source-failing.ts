import { defineCheck } from '../define.ts'
import { fluxFault } from '../flux-fault.ts'

export default defineCheck({
  id: 'flux-source-failing',
  group: 'cluster',
  title: 'no source of Flux holds up a deployment',
  fault: 'Flux source failing: what is to be deployed could not be fetched.',
  severity: 'error',
  advice:
    'Fix the way from source-controller to the host that is named, or the secret of the source, then: flux reconcile source.',
  reads: ['cluster.flux'],
  run: ({ cluster: { flux } }) =>
    (flux?.sources ?? [])
      .filter(({ outcome }) => outcome === 'blocked')
      .map((source) => ({
        ...fluxFault(source),
        because: source.hasArtifact
          ? 'What was fetched before is still there, but something that takes from it is not ready with it, or waits for a newer state.'
          : 'Nothing was fetched before, so that nothing that takes from it can be deployed.',
      })),
})
