import type { Server } from 'node:http'
import type { Accepted } from '../facts/watch/faults.ts'
import { emptyState, type RegistryState } from '../facts/watch/state.ts'
import type { Owner } from '../observe/watch/owner.ts'
import { fileStore, memoryStore } from '../observe/watch/state-file.ts'
import { changeLines } from '../outputs/watch-text.ts'
import { hideIn } from '../report/hide.ts'
import { registryReport, type WatchedRegistryReport, type WatchReport } from '../report/watch.ts'
import type { WatchedScope, WatchPlan } from '../settings/plan/watch.ts'
import type { NamedRepository } from './events.ts'
import { watchedClasses } from './judge.ts'
import { RegistryWatch, type StateFrom } from './loop.ts'
import { runWatch } from './run.ts'
import { createWatchServer } from './server.ts'
import { createTeller, type TellOptions } from './tell.ts'

/** What a watch needs from outside. */
export interface WatchOptions extends TellOptions {
  owner: Owner
  docsUrl: string | undefined
  /** The accepted faults, as their file has them now. */
  accepted: () => readonly Accepted[]
  metricsToken: (() => string | undefined) | undefined
  eventsToken: (() => string | undefined) | undefined
  log: { info: (text: string) => void; warn: (text: string) => void; debug: (text: string) => void }
  /** Masks secrets: what a registry answered may quote one. */
  hide: (text: string) => string
}

/** A watch over several registries. */
export interface Watch {
  report: () => WatchReport
  /** One run over each registry; gives those that another process has locked. */
  once: () => Promise<string[]>
  loop: () => Promise<void>
  server: Server
  close: () => Promise<void>
}

/** Prepares a watch. Nothing is requested yet. */
export function openWatch(options: WatchOptions): Watch {
  const { access, plan, log } = options
  const { settings, now } = access
  // What is shown is what is saved, and not a run under way.
  const known = new Map<string, WatchedRegistryReport>()
  const tell = createTeller(options)
  const logged = new Map<string, WatchedRegistryReport>()
  const watches = plan.scopes.map((scope) => ({
    scope,
    watch: new RegistryWatch({
      registry: scope.registry,
      store: storeFor(options, scope),
      intervalMs: settings.interval,
      limitMs: settings.timeout,
      run: (state, signal, only) =>
        runWatch(
          {
            ...{ access, plan, scope, signal, accepted: options.accepted, debug: log.debug },
            ...(only ? { only } : {}),
          },
          state,
        ),
      onState: (state, from) => takeState(scope, state, from),
      warn: log.warn,
      signal: options.signal,
      now,
      random: Math.random,
    }),
  }))
  const reportOf = (state: RegistryState) => {
    const { docsUrl } = options
    const about = { accepted: options.accepted(), reproveMs: settings.reprove, now: now(), docsUrl }
    return hideIn(registryReport(state, about), options.hide)
  }
  const reportWith = (registries: WatchedRegistryReport[]): WatchReport => ({
    version: 1,
    tool: { name: 'regguard', version: access.version },
    classes: watchedClasses,
    ...(plan.shard.total > 1 ? { shard: plan.shard.index } : {}),
    registries,
  })
  const report = () =>
    reportWith(
      watches.map(({ scope: { registry }, watch: { state } }) => {
        const { runs, skipped, requests, bytes } = state
        const counters = { runs, skipped, requests, bytes }
        return { ...(known.get(registry) ?? reportOf(emptyState(registry))), counters }
      }),
    )

  const takeState = async (
    { registry }: WatchedScope,
    state: RegistryState,
    from: StateFrom,
  ): Promise<void> => {
    const one = reportOf(state)
    known.set(registry, one)
    if (from === 'store') return
    if (!settings.once)
      for (const line of changeLines(logged.get(registry) ?? quietReport(one), one)) log.info(line)
    logged.set(registry, one)
    if (from === 'run') await tell(reportWith([one]), report())
  }

  return {
    report,
    once: async () => {
      const ran = await Promise.all(watches.map(({ watch }) => watch.once()))
      return watches.filter((_, at) => !ran[at]).map(({ scope }) => scope.registry)
    },
    loop: async () => {
      await Promise.all(watches.map(({ watch }) => watch.loop()))
    },
    server: createWatchServer({
      report,
      isReady: () => watches.every(({ watch }) => watch.hasRun),
      metricsToken: options.metricsToken,
      eventsToken: options.eventsToken,
      onEvents: (named) => {
        for (const { scope, watch } of watches) {
          const repositories = named
            .filter((one) => isOf(one, scope, plan))
            .map(({ repository }) => repository)
          if (repositories.length > 0) void watch.inspect(repositories)
        }
      },
    }),
    close: async () => {
      await Promise.all(watches.map(({ watch }) => watch.close()))
    },
  }
}

/** The faults of earlier runs are logged once after a start, so that the log of this process has them. */
const quietReport = (one: WatchedRegistryReport): WatchedRegistryReport => ({
  ...one,
  status: 'waiting',
  ...{ faults: [], unseen: [] },
})

function storeFor({ access, plan, owner }: WatchOptions, { registry }: WatchedScope) {
  const { state_dir: folder } = access.settings
  return folder === undefined ? memoryStore(registry) : fileStore(folder, registry, plan.shard, owner)
}

/** The registry may have another name inside its network, so only a name that is that of another watched one rules it out. */
function isOf({ registry }: NamedRepository, scope: WatchedScope, { scopes }: WatchPlan): boolean {
  if (registry === undefined || registry === scope.registry || registry === scope.apiHost) return true
  return !scopes.some((other) => other.registry === registry || other.apiHost === registry)
}
