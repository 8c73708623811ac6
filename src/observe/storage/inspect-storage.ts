import { resolve } from 'node:path'
import { collectionOf } from '../../facts/queries/storage/registry-image.ts'
import type { StorageFact } from '../../facts/storage.ts'
import { concurrencyOf } from '../http/concurrency.ts'
import { hostAccess, type ObserveOptions, type Session, wants } from '../session.ts'

/** As long as what looks wrong in a storage has to stay so before it counts; longer with the setting `settle`. */
const minSettleMs = 1000

/** Reads the storage that the settings name, and finds the container of its registry where an engine's socket is at hand. */
export async function inspectStorage({ options, openClient }: Session): Promise<StorageFact | undefined> {
  const { settings, plan, signal, progress, now, wanted } = options
  if (settings.storage === undefined || !wants(options, ['storage'])) return undefined
  // What is in a bucket is mounted nowhere.
  const registry =
    wanted.has('storage.registry') && !plan.s3
      ? await inspectRegistryContainer(options, settings.storage)
      : undefined
  const running = registry?.seen ? collectionOf(registry.value.version) : undefined
  // Loaded only where there is a storage to read.
  const { observeStorage } = await import('./storage.ts')
  const { gc, delete_untagged: deleteUntagged } = settings
  const storage = await observeStorage({
    // As commands have to name it, wherever they are pasted.
    root: plan.s3 ? settings.storage : resolve(settings.storage),
    ...{ signal, progress, now, dryRunFile: settings.forecast_check },
    settleMs: Math.max(settings.settle, minSettleMs),
    isOfRegistry: registry?.seen === true,
    isCache: settings.mirror || (registry?.seen === true && registry.value.cache !== undefined),
    gc: {
      version: gc === 'auto' ? running : gc,
      deleteUntagged: deleteUntagged === 'auto' ? undefined : deleteUntagged === 'true',
    },
    hash: {
      isFull: settings.hash,
      rate: settings.hash_rate,
      budget: settings.hash_budget,
      stateDir: settings.state_dir,
    },
    ...(plan.s3
      ? { bucket: { location: plan.s3, openClient, concurrency: concurrencyOf(settings.concurrency).http1 } }
      : {}),
  })
  return {
    ...storage,
    ...(registry ? { registry } : {}),
    ...(signal.aborted && !storage.layout.seen ? stoppedBy(signal) : {}),
  }
}

/** A run that was stopped says nothing of the storage. */
const stoppedBy = ({ reason }: AbortSignal): Pick<StorageFact, 'layout' | 'stopped'> => {
  const why = reason instanceof Error ? reason.message : String(reason)
  return { layout: { seen: false, why, remedies: [], applies: true }, stopped: true }
}

/** Undefined if no engine answers. */
async function inspectRegistryContainer(
  options: ObserveOptions,
  root: string,
): Promise<StorageFact['registry']> {
  const { settings, env, signal } = options
  const access = hostAccess(options)
  const [{ openEngine }, { observeRegistryContainer }] = await Promise.all([
    import('../runner/docker/socket.ts'),
    import('./engine/registry-container.ts'),
  ])
  const { api } = await openEngine({
    ...{ env, signal, uid: access.uid },
    ...(settings.docker_socket === undefined ? {} : { setting: settings.docker_socket }),
  })
  try {
    return api && (await observeRegistryContainer(api, access, root))
  } finally {
    await api?.close()
  }
}
