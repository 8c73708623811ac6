import { setTimeout as wait } from 'node:timers/promises'
import type { RegistryState } from '../facts/watch/state.ts'
import { staleMs } from '../observe/watch/lock.ts'
import { KeptState, type KeptStateOptions } from './kept-state.ts'

/** What the state is from. */
export type StateFrom = 'store' | 'part' | 'run'

/** What the watch of one registry needs. */
export interface RegistryWatchOptions extends Omit<KeptStateOptions, 'onLoaded'> {
  intervalMs: number
  /** The longest that one run may take. */
  limitMs: number
  /** The pause before a lock that another process holds is tried again. */
  lockRetryMs?: number
  /** One run; changes the state. */
  run: (state: RegistryState, signal: AbortSignal, only?: ReadonlySet<string>) => Promise<void>
  /** Called when the state was read, and when a run over everything or over a part has ended and its state is saved. */
  onState: (state: RegistryState, from: StateFrom) => Promise<void>
  signal: AbortSignal
  now: () => number
  random: () => number
}

/** After a notification others follow, so that a short while is waited for them. */
const eventPauseMs = 1000
/** Another process may be about to end. */
const defaultLockRetryMs = 5000

const stackOf = (error: unknown): string =>
  (error instanceof Error ? error.stack : undefined) ?? String(error)

/**
 * The watch of one registry: its state, its lock, and one run after the other. Each registry has its own, so that one that is down
 * holds up no other.
 */
export class RegistryWatch {
  readonly #options: RegistryWatchOptions
  readonly #kept: KeptState
  /** The end of the last run that was begun: the next one waits for it. */
  #last: Promise<void> = Promise.resolve()
  /** Whether a run over everything waits or is under way. */
  #isDue = false
  #named = new Set<string>()
  #hasRun = false

  constructor(options: RegistryWatchOptions) {
    this.#options = options
    this.#kept = new KeptState({ ...options, onLoaded: (state) => options.onState(state, 'store') })
  }

  get state(): RegistryState {
    return this.#kept.state
  }

  /** Whether a run has ended, or could not take place. */
  get hasRun(): boolean {
    return this.#hasRun
  }

  /**
   * One run, unless another process has the lock. One that is left from a process that was killed is waited for until that is certain.
   * Returns whether the run took place.
   */
  async once(): Promise<boolean> {
    const isOpen = await this.#openWithin(staleMs, () => !this.#kept.isHeldByLiving)
    if (isOpen) await this.#begin()
    else this.#skip()
    return isOpen
  }

  /** Runs until the signal. The time of the next run is that of the last plus the interval, and a little more. */
  async loop(): Promise<void> {
    const { intervalMs, signal, random, now } = this.#options
    while (!signal.aborted) {
      const next = now() + intervalMs * (1 + random() / 10)
      if (this.#isDue) this.state.skipped.overlap += 1
      // Not waited for: a run that is late is skipped, and counted.
      else if (await this.#kept.open()) void this.#begin()
      else {
        this.#skip()
        if (await this.#openWithin(intervalMs, () => true)) void this.#begin()
      }
      await this.#pause(Math.min(Math.max(0, next - now()), intervalMs * 1.1))
    }
    await this.#last
  }

  /** Asks for repositories that a notification named, as soon as no run is under way. Those named meanwhile join them. */
  async inspect(repositories: readonly string[]): Promise<void> {
    const isWaiting = this.#named.size > 0
    for (const one of repositories) this.#named.add(one)
    if (isWaiting) return
    await this.#pause(eventPauseMs)
    await this.#after(async () => {
      const only = this.#named
      this.#named = new Set()
      if (this.#kept.isLoaded) await this.#run(only)
    })
  }

  /** Releases the lock. */
  async close(): Promise<void> {
    await this.#last
    await this.#kept.close()
  }

  /** Tries the lock again and again for some time, as long as that may help. */
  async #openWithin(ms: number, mayHelp: () => boolean): Promise<boolean> {
    const { lockRetryMs = defaultLockRetryMs, signal } = this.#options
    for (let waitedMs = 0; !signal.aborted; waitedMs += lockRetryMs) {
      if (await this.#kept.open()) return true
      if (waitedMs >= ms || !mayHelp()) return false
      await this.#pause(Math.min(lockRetryMs, Math.max(1, ms - waitedMs)))
    }
    return false
  }

  #skip(): void {
    this.#kept.skip()
    this.#hasRun = true
  }

  async #begin(): Promise<void> {
    this.#isDue = true
    await this.#after(() => this.#run())
    this.#isDue = false
  }

  /** One run waits for the other, so that none over everything is skipped because of a part. */
  #after(task: () => Promise<void>): Promise<void> {
    this.#last = this.#last.then(() => (this.#options.signal.aborted ? undefined : task()))
    return this.#last
  }

  async #run(only?: ReadonlySet<string>): Promise<void> {
    const { run, onState, signal, limitMs, warn, registry, now } = this.#options
    const limit = AbortSignal.any([signal, AbortSignal.timeout(limitMs)])
    const { state } = this
    try {
      await run(state, limit, only)
    } catch (error) {
      warn(`${registry}: the run crashed; please report it: ${stackOf(error)}`)
      if (!only) state.unfinished = { at: now(), why: 'it crashed' }
    }
    await this.#kept.save()
    this.#hasRun ||= only === undefined
    try {
      await onState(state, only ? 'part' : 'run')
    } catch (error) {
      warn(`${registry}: the result of the run could not be told; please report it: ${stackOf(error)}`)
    }
  }

  async #pause(ms: number): Promise<void> {
    await wait(ms, undefined, { signal: this.#options.signal }).catch(() => {})
  }
}
