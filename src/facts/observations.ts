import type { Failure } from '../core/failure.ts'
import type { Remedy } from '../core/remedy.ts'
import type { Facts } from './facts.ts'
import { type FailureSource, failuresIn } from './queries/image/failures.ts'
import { type RunnerArea, runnerAreas } from './runner.ts'

/** One thing that a check reads. */
export type Observation =
  | 'image.targets'
  | 'image.manifests'
  | 'image.blobs'
  | 'image.referrers'
  | 'image.anonymous'
  | 'registry.catalog'
  | 'registry.answers'
  | 'path.hosts'
  | 'path.requests'
  | RunnerObservation

/** One thing inspected on a runner; `runner.engine` and `runner.programs` are no areas of their own in reports. */
export type RunnerObservation = `runner.${RunnerArea | 'vantage' | 'engine' | 'programs' | 'interfaces'}`

/** How an observation stands. `off`: not asked for, or nothing of the kind exists here. */
export type ObservationState =
  | { state: 'observed' }
  | { state: 'missing'; why: string; remedies: Remedy[] }
  | { state: 'off'; why: string }

const observed: ObservationState = { state: 'observed' }
const off = (why: string): ObservationState => ({ state: 'off', why })

/** Missing where a failure kept something from being observed: the first one says why. */
function unless(failures: Failure[]): ObservationState {
  const [first] = failures
  if (!first) return observed
  const more = failures.length > 1 ? ` (and ${failures.length - 1} more)` : ''
  return { state: 'missing', why: `${first.host}: ${first.detail}${more}`, remedies: [] }
}

/** How each observation stands in the facts of a run. */
const states: Record<Exclude<Observation, RunnerObservation>, (facts: Facts) => ObservationState> = {
  'image.targets': (facts) => images(facts, ['target']),
  'image.manifests': (facts) => images(facts, ['target', 'manifest']),
  'image.blobs': (facts) => images(facts, ['target', 'manifest', 'blob']),
  'image.referrers': (facts) =>
    facts.image.repositories.some(({ referrers }) => referrers)
      ? images(facts, ['target', 'manifest', 'referrers'])
      : off('referrers are verified with `referrers: true`'),
  'image.anonymous': (facts) =>
    facts.image.repositories.some(({ anonymous }) => anonymous)
      ? images(facts, ['anonymous'])
      : off('pulls without a login are verified with `also_anonymous: true`'),
  'registry.catalog': (facts) =>
    facts.registry.catalog
      ? unless(failuresIn(facts, ['catalog', 'tags']).map(({ why }) => why))
      : off('the catalog is verified with `catalog: true`'),
  'registry.answers': ({ path }) => (path.requests > 0 ? observed : off('no registry was asked')),
  'path.requests': ({ path }) => (path.requests > 0 ? observed : off('no registry was asked')),
  'path.hosts': ({ path }) => {
    if (path.hosts.length === 0) return off('no registry was asked')
    const reached = path.hosts.some(({ addresses, proxy }) => addresses.length > 0 || proxy !== undefined)
    return reached ? observed : { state: 'missing', why: 'no host was reached', remedies: [] }
  },
}

function images(facts: Facts, sources: FailureSource[]): ObservationState {
  if (facts.image.targets.length === 0) return off('no image was named')
  return unless(failuresIn(facts, sources).map(({ why }) => why))
}

/** How an observation stands. */
export function stateOf(observation: Observation, facts: Facts): ObservationState {
  return isRunner(observation) ? runnerState(observation, facts) : states[observation](facts)
}

const isRunner = (observation: Observation): observation is RunnerObservation =>
  observation.startsWith('runner.')

function runnerState(observation: RunnerObservation, { runner }: Facts): ObservationState {
  if (!runner) return { state: 'missing', why: 'the runner was not inspected', remedies: [] }
  const name = observation.slice('runner.'.length)
  if (name === 'vantage') return observed
  if (name === 'interfaces')
    return runner.interfaces ? observed : off('interfaces are counted from a plain container only')
  const area = runner[name as RunnerArea | 'engine' | 'programs']
  if (area.seen) return observed
  return area.applies ? { state: 'missing', why: area.why, remedies: area.remedies } : off(area.why)
}

/** Areas of the runner that were asked for and are missing. */
export const missingAreas = (facts: Facts): RunnerArea[] =>
  runnerAreas.filter((area) => runnerState(`runner.${area}`, facts).state === 'missing')
