import { execa } from 'execa'
import { repairCommand } from '../../../src/explain/storage/commands.ts'
import type { RepairPlace } from '../../../src/explain/storage/place.ts'
import type { JudgedStorage } from '../../../src/facts/storage/judged.ts'
import type { RepairStep } from '../../../src/facts/storage/repair.ts'
import { observeStorage, type StorageOptions } from '../../../src/observe/storage/storage.ts'
import type { RealRegistry } from '../real-registry.ts'

/** What a scan that hashes everything says is wrong with the storage of a registry. */
export async function scanRoot(root: string, more: Partial<StorageOptions> = {}): Promise<JudgedStorage> {
  const { judged } = await observeStorage({
    root,
    signal: new AbortController().signal,
    progress: () => {},
    now: Date.now,
    settleMs: 0,
    hash: { isFull: true },
    ...more,
  })
  if (!judged) throw new Error('the storage was not read')
  return judged
}

/** Takes the steps of a plan on a live registry, as a person would paste them. A mount must answer 201. */
export async function takeSteps(steps: readonly RepairStep[], registry: RealRegistry): Promise<void> {
  const { root, host } = registry
  const place: RepairPlace = {
    ...{ root, base: 'docker/registry/v2', registry: `http://${host}` },
    driver: 'filesystem',
    container: 'registry',
  }
  for (const step of steps) {
    const { command } = repairCommand(step, place)
    if (step.action.startsWith('restart')) await registry.restart()
    else if (command !== undefined) {
      const { stdout } = await execa('sh', ['-c', command])
      if (step.action === 'mount-blob' && stdout !== '201') throw new Error(`${stdout}: ${command}`)
    }
  }
}
