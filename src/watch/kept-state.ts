import { emptyState, type RegistryState } from '../facts/watch/state.ts'
import type { Lock } from '../observe/watch/lock.ts'
import type { StateStore } from '../observe/watch/state-file.ts'

/** What keeping the state of a registry needs. */
export interface KeptStateOptions {
  registry: string
  store: StateStore
  /** Called when the state was read. */
  onLoaded: (state: RegistryState) => Promise<void>
  warn: (text: string) => void
}

/** The state of one registry, and the lock that keeps other processes from it. */
export class KeptState {
  readonly #options: KeptStateOptions
  state: RegistryState
  #lock: Lock | undefined
  #isLoaded = false
  #saveFailed: string | undefined
  #warned: 'held' | 'unwritable' | undefined

  constructor(options: KeptStateOptions) {
    this.#options = options
    this.state = emptyState(options.registry)
  }

  /** Whether the state was read, and nobody took it over since. */
  get isLoaded(): boolean {
    return this.#isLoaded
  }

  /** Whether another process has the lock and was seen to run. */
  get isHeldByLiving(): boolean {
    return this.#lock?.state === 'held' && this.#lock.isAlive
  }

  /**
   * Takes the lock and reads the state, if that is not done yet. Returns false while another process has the lock. Without a writable
   * folder the state is kept in memory, until it can be written.
   */
  async open(): Promise<boolean> {
    if (this.#lock?.state === 'taken') return true
    const { store, registry, warn } = this.#options
    const lock = await store.lock()
    this.#lock = lock
    if (lock.state === 'held') return false
    if (lock.state === 'unwritable' && this.#warned !== 'unwritable')
      warn(
        `${registry}: state_dir cannot be written: ${lock.why}; what is found is kept in memory until it can`,
      )
    if (lock.state === 'taken' && this.#warned === 'unwritable')
      warn(`${registry}: state_dir can be written again`)
    this.#warned = lock.state === 'unwritable' ? 'unwritable' : undefined
    // What was found while the folder could not be written is newer than what is in it.
    if (!this.#isLoaded) await this.#load()
    return true
  }

  /** Counts a run that did not take place, because another process has the lock; says so once. */
  skip(): void {
    const { registry, warn } = this.#options
    this.state.skipped.locked += 1
    if (this.#lock?.state !== 'held' || this.#warned === 'held') return
    warn(`${registry}: not inspected, because ${this.#lock.by} watches it with the same state_dir`)
    this.#warned = 'held'
  }

  /** Saves the state. A full disk is reported once, and again when something else is wrong. One that was taken over is not ours any more. */
  async save(): Promise<void> {
    const { store, warn, registry } = this.#options
    if (this.#lock?.state !== 'taken') return
    if (!(await this.#lock.isOurs())) {
      warn(`${registry}: the state is not saved, because another process took over its lock`)
      await this.close()
      this.#isLoaded = false
      return
    }
    const failed = await store.save(this.state)
    if (failed !== undefined && failed !== this.#saveFailed)
      warn(`${registry}: the state cannot be saved: ${failed}; the watch goes on`)
    this.#saveFailed = failed
  }

  /** Releases the lock. */
  async close(): Promise<void> {
    if (this.#lock?.state === 'taken') await this.#lock.release()
    this.#lock = undefined
  }

  async #load(): Promise<void> {
    const { store, registry, warn, onLoaded } = this.#options
    const { skipped } = this.state
    const loaded = await store.load()
    if (loaded.lost !== undefined) warn(`${registry}: ${loaded.lost}; everything is read anew`)
    this.state = loaded.state
    this.state.skipped.locked += skipped.locked
    await onLoaded(this.state)
    this.#isLoaded = true
  }
}
