import { setTimeout as wait } from 'node:timers/promises'
import { emptyState, type RegistryState } from '../facts/watch/state.ts'
import type { Lock } from '../observe/watch/lock.ts'
import type { StateStore } from '../observe/watch/state-file.ts'

/** What the state is from. */
export type StateFrom = 'store' | 'part' | 'run'

/** What the watch of one registry needs. */
export interface RegistryWatchOptions {
  registry: string
  store: StateStore
  intervalMs: number
  /** The longest that one run may take. */
  limitMs: number
  /** One run; changes the state. */
  run: (state: RegistryState, signal: AbortSignal, only?: ReadonlySet<string>) => Promise<void>
  /** Called when the state was read, and when a run over everything or over a part has ended and its state is saved. */
  onState: (state: RegistryState, from: StateFrom) => Promise<void>
  warn: (text: string) => void
  signal: AbortSignal
  now: () => number
  random: () => number
}

/** After a notification others follow, so that a short while is waited for them. */
const eventPauseMs = 1000

const stackOf = (error: unknown): string =>
  (error instanceof Error ? error.stack : undefined) ?? String(error)

/**
 * The watch of one registry: its state, its lock, and one run after the other. Each registry has its own, so that one that is down
 * holds up no other.
 */
export class RegistryWatch {
  readonly #options: RegistryWatchOptions
  #state: RegistryState
  #lock: Lock | undefined
  #running: Promise<void> | undefined
  #named = new Set<string>()
  #saveFailed: string | undefined
  #hasRun = false
  #lockWarned = false
  #isLoaded = false

  constructor(options: RegistryWatchOptions) {
    this.#options = options
    this.#state = emptyState(options.registry)
  }

  get state(): RegistryState {
    return this.#state
  }

  /** Whether a run has ended, or could not take place. */
  get hasRun(): boolean {
    return this.#hasRun
  }

  /** One run, unless another process has the lock. Returns whether it took place. */
  async once(): Promise<boolean> {
    if (!(await this.#open())) return false
    await this.#begin()
    return true
  }

  /** Runs until the signal. The time of the next run is that of the last plus the interval, and a little more. */
  async loop(): Promise<void> {
    const { intervalMs, signal, random, now } = this.#options
    while (!signal.aborted) {
      const next = now() + intervalMs * (1 + random() / 10)
      if (this.#running) this.#state.skipped.overlap += 1
      // Not waited for: a run that is late is skipped, and counted.
      else if (await this.#open()) void this.#begin()
      await this.#pause(Math.min(Math.max(0, next - now()), intervalMs * 1.1))
    }
    await this.#running
  }

  /** Asks for repositories that a notification named, as soon as no run is under way. */
  async inspect(repositories: readonly string[]): Promise<void> {
    const isWaiting = this.#named.size > 0
    for (const one of repositories) this.#named.add(one)
    if (isWaiting) return
    await this.#pause(eventPauseMs)
    while (this.#running && !this.#options.signal.aborted) await this.#running
    const only = this.#named
    this.#named = new Set()
    if (!this.#options.signal.aborted && this.#isLoaded) await this.#begin(only)
  }

  /** Releases the lock. */
  async close(): Promise<void> {
    await this.#running
    if (this.#lock?.state === 'taken') await this.#lock.release()
    this.#lock = undefined
  }

  /** Takes the lock and reads the state, if that is not done yet. Without a writable folder the state is kept in memory. */
  async #open(): Promise<boolean> {
    if (this.#lock?.state === 'taken' || this.#lock?.state === 'unwritable') return true
    const { store, registry, warn } = this.#options
    this.#lock = await store.lock()
    if (this.#lock.state === 'held') {
      this.#state.skipped.locked += 1
      this.#hasRun = true
      if (!this.#lockWarned)
        warn(`${registry}: skipped, because ${this.#lock.by} watches it with the same state_dir`)
      this.#lockWarned = true
      return false
    }
    if (this.#lock.state === 'unwritable')
      warn(
        `${registry}: state_dir cannot be written: ${this.#lock.why}; what is found is kept in memory only`,
      )
    const { skipped } = this.#state
    const loaded = await store.load()
    if (loaded.lost !== undefined) warn(`${registry}: ${loaded.lost}; everything is read anew`)
    this.#state = loaded.state
    this.#state.skipped.locked += skipped.locked
    await this.#options.onState(this.#state, 'store')
    this.#isLoaded = true
    return true
  }

  #begin(only?: ReadonlySet<string>): Promise<void> {
    this.#running = this.#run(only).finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  async #run(only?: ReadonlySet<string>): Promise<void> {
    const { run, onState, signal, limitMs, warn, registry } = this.#options
    const limit = AbortSignal.any([signal, AbortSignal.timeout(limitMs)])
    try {
      await run(this.#state, limit, only)
    } catch (error) {
      warn(`${registry}: the run crashed; please report it: ${stackOf(error)}`)
    }
    await this.#save()
    this.#hasRun ||= only === undefined
    try {
      await onState(this.#state, only ? 'part' : 'run')
    } catch (error) {
      warn(`${registry}: the result of the run could not be told; please report it: ${stackOf(error)}`)
    }
  }

  /** A full disk is reported once, and again when something else is wrong. */
  async #save(): Promise<void> {
    const { store, warn, registry } = this.#options
    const failed = this.#lock?.state === 'taken' ? await store.save(this.#state) : undefined
    if (failed !== undefined && failed !== this.#saveFailed)
      warn(`${registry}: the state cannot be saved: ${failed}; the watch goes on`)
    this.#saveFailed = failed
  }

  async #pause(ms: number): Promise<void> {
    await wait(ms, undefined, { signal: this.#options.signal }).catch(() => {})
  }
}
