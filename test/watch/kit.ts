import { type Accepted, confirmedFaults } from '../../src/facts/watch/faults.ts'
import { emptyState, type RegistryState } from '../../src/facts/watch/state.ts'
import type { Mask } from '../../src/log/mask.ts'
import { planWatch } from '../../src/settings/plan/watch.ts'
import { readSettings } from '../../src/settings/read.ts'
import { runWatch } from '../../src/watch/run.ts'

/** A watch of one registry in this process, run by run. */
export type WatchKit = {
  state: RegistryState
  /** The time that the next run sees. */
  clock: { at: number }
  /** The accepted faults, which a test may add to. */
  accepted: Accepted[]
  run: (options?: { only?: string[]; signal?: AbortSignal }) => Promise<void>
  /** The confirmed faults, as `repository id digest`, shortened. */
  faults: () => string[]
}

const minute = 60_000
const noMask = { add: () => {}, remove: () => {} }

/** Watches a registry with these settings; without `settle`, the second look follows at once. */
export function watchOf(
  host: string,
  given: Record<string, string> = {},
  secrets: Pick<Mask, 'add' | 'remove'> = noMask,
): WatchKit {
  const all = { mode: 'watch', settle: '0s', registries: host, ...given }
  const settings = readSettings({}, new Map(Object.entries(all)))
  if (!settings.ok) throw new Error(JSON.stringify(settings.problems))
  const plan = planWatch(settings.value, [], { env: {}, hostName: 'host' })
  if (!plan.ok) throw new Error(JSON.stringify(plan.problems))
  const [only] = plan.value.scopes
  if (!only) throw new Error('nothing to watch')
  const accepted: Accepted[] = []
  const state = emptyState(only.registry)
  const clock = { at: Date.UTC(2026, 10, 29, 12) }
  return {
    state,
    clock,
    accepted,
    run: async (options = {}) => {
      await runWatch(
        {
          access: {
            ...{ settings: settings.value, logins: plan.value.logins, version: '0.0.0-test' },
            ...{ authorities: [], certsRoot: '/nowhere/certs.d', authSources: [], env: {} },
            ...{ keepSecret: secrets.add, forgetSecret: secrets.remove, now: () => clock.at },
          },
          ...{ plan: plan.value, scope: only, accepted: () => accepted, debug: () => {} },
          signal: options.signal ?? new AbortController().signal,
          ...(options.only ? { only: new Set(options.only) } : {}),
        },
        state,
      )
      clock.at += 15 * minute
    },
    faults: () =>
      confirmedFaults(state, [], clock.at).map(({ repository, fault }) =>
        `${repository} ${fault.id} ${fault.digest?.slice(7, 15) ?? ''}`.trim(),
      ),
  }
}
