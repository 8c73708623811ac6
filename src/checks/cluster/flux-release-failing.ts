import type { Fault } from '../../core/finding.ts'
import { firstOf } from '../../core/names.ts'
import type { FluxFact } from '../../facts/cluster/flux.ts'
import { defineCheck } from '../define.ts'

type Failure = FluxFact['failures'][number]

export default defineCheck({
  id: 'flux-release-failing',
  group: 'cluster',
  title: 'no release or kustomization of Flux fails by itself',
  fault: 'Flux release failing: its source was fetched, and it could not be deployed.',
  severity: 'error',
  advice: 'Read its events (flux events --for KIND/NAME): the source is not to blame.',
  reads: ['cluster.flux'],
  run: ({ cluster: { flux } }) =>
    (flux?.failures ?? []).map((failure) => ({
      subject: failure.name,
      message: failure.reason,
      evidence: [failure.text].filter(Boolean),
      ...(failure.blames ? ofOther(failure.blames) : ofPulls(failure)),
    })),
})

function ofPulls({ namespace, pulls }: Failure): Pick<Fault, 'because' | 'advice'> | Record<string, never> {
  if (pulls.length === 0) return {}
  return {
    because: `Pods in ${namespace} wait for images, so that this may be a consequence: ${firstOf(pulls)}.`,
    advice: 'Fix the failed pulls first, then see whether it gets ready.',
  }
}

/** What waits in vain stands below no source that failed, so that it has to be named itself. */
function ofOther({ name, state }: NonNullable<Failure['blames']>) {
  switch (state) {
    case 'not-seen':
      return {
        title: 'Flux release waiting: what it takes from or depends on was not found.',
        because: `${name} does not exist, or was not read: it is in a namespace that was not asked for, or may not be listed.`,
        advice: `Check the reference to ${name}, and that it exists; name its namespace in “namespaces” as well.`,
        cause: `${state} ${name}`,
      }
    case 'suspended':
      return {
        title: 'Flux release waiting: what it takes from or depends on is suspended.',
        because: `${name} is suspended, and has nothing to go on with.`,
        advice: `Resume ${name} (flux resume), if nobody works on it.`,
        cause: `${state} ${name}`,
      }
    case 'circular':
      return {
        title: 'Flux release waiting: it depends on itself.',
        because: `${name}, on which it depends, depends on it in turn.`,
        advice: 'Remove one of these entries of dependsOn.',
        cause: state,
      }
  }
}
