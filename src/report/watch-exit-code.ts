import type { Settings } from '../settings/schema.ts'
import { isInspected, type WatchedRegistryReport, type WatchReport } from './watch.ts'

/**
 * The exit code of one run of a watch: 1 where something is broken that nobody accepted, as far as `fail_on` counts it, 3 where something
 * is unknown. `fail_on` is about what is broken only: what could not be inspected, or was not, is never a success. `locked`: a registry
 * was left to another process.
 */
export function watchExitCode(
  { registries }: Pick<WatchReport, 'registries'>,
  { locked, failOn }: { locked: boolean; failOn: Settings['fail_on'] },
): 0 | 1 | 3 {
  const counted = registries
    .flatMap(({ faults }) => faults)
    .filter(({ accepted }) => accepted === undefined)
    .filter(({ severity }) => failOn !== 'never' && (severity === 'error' || failOn === 'warning'))
  if (counted.length > 0) return 1
  return locked || registries.some(isUnknown) ? 3 : 0
}

/** Whether something of a registry could not be inspected, was not, or was too long ago to claim anything. */
const isUnknown = (one: WatchedRegistryReport): boolean =>
  !isInspected(one) || one.unfinished !== undefined || one.unseen.length > 0 || one.objects.stale > 0
