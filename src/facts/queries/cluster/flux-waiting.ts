import type { FluxBlame } from '../../cluster/flux.ts'
import type { FluxObject } from './flux-object.ts'

/** Objects by their key. */
type ByKey = ReadonlyMap<string, FluxObject>

/** Reasons of a release or a kustomization that are about its source, or about another release. */
const ofOthers = new Set(['SourceNotReady', 'ArtifactFailed', 'DependencyNotReady'])
/** Reasons that say that the controller begins anew. */
const transient = new Set(['HealthCheckCanceled'])

/** Whether an object is not ready for its current specification. */
function isFailing({ conditions }: FluxObject): boolean {
  const ready = conditions.get('Ready')
  return ready?.status === 'False' && ready.isCurrent && !transient.has(ready.reason)
}

/** Whether it fails by itself, and not for what it takes from or depends on. */
export const failsItself = (one: FluxObject): boolean =>
  isFailing(one) && !ofOthers.has(one.conditions.get('Ready')?.reason ?? '')

/**
 * What keeps an object that waits from being deployed, where no other finding names it; `own` where that is the object itself; undefined where
 * it stands below a source that failed, or goes on by itself.
 */
export function blameOf(
  one: FluxObject,
  byKey: ByKey,
  failed: ReadonlySet<string>,
): FluxBlame | 'own' | undefined {
  if (!isFailing(one)) return undefined
  const { reason = '', message = '' } = one.conditions.get('Ready') ?? {}
  if (!ofOthers.has(reason) || (reason !== 'DependencyNotReady' && one.source === undefined)) return 'own'
  if (reason === 'DependencyNotReady') return blameOfDependencies(one, byKey)
  const name = one.source ?? ''
  const source = byKey.get(name)
  if (!source) return { name, state: 'not-seen' }
  if (failed.has(name)) return undefined
  if (source.suspended && !source.hasArtifact) return { name, state: 'suspended' }
  // After a restart of source-controller its artifacts are fetched anew, and those who ask for one meanwhile try again (helm-controller#813).
  const isFetchedAnew = /artifact not found/i.test(message)
  return reason === 'ArtifactFailed' && source.hasArtifact && !isFetchedAnew ? 'own' : undefined
}

function blameOfDependencies(one: FluxObject, byKey: ByKey): FluxBlame | undefined {
  for (const name of one.dependsOn) {
    const other = byKey.get(name)
    if (!other) return { name, state: 'not-seen' }
    if (other.suspended && other.conditions.get('Ready')?.status !== 'True')
      return { name, state: 'suspended' }
  }
  const circle = one.dependsOn.find((name) => leadsTo(name, one, byKey))
  return circle === undefined ? undefined : { name: circle, state: 'circular' }
}

/** Whether an object depends on another one, directly or not. */
function leadsTo(from: string, to: FluxObject, byKey: ByKey): boolean {
  const seen = new Set<string>()
  const open = [from]
  for (let key = open.pop(); key !== undefined; key = open.pop()) {
    const one = byKey.get(key)
    if (one === to) return true
    if (!one || seen.has(key)) continue
    seen.add(key)
    open.push(...one.dependsOn)
  }
  return false
}
