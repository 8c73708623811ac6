import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Content, type MultiPlatform, multiPlatform } from '../../../src/fake-registry/images/images.ts'
import { push } from '../push.ts'
import type { Generation } from '../real-generations.ts'
import type { RealRegistry } from '../real-registry.ts'

/** The storage of a real registry, made by pushing to it. */
export type StorageRoot = {
  registry: RealRegistry
  /** What `storage` names. */
  root: string
  /** Pushes what it is given, in order, and tags the last manifest. */
  push(repository: string, contents: Content[], tag?: string): Promise<string[]>
  /** An image of two platforms, with a seed of its own. */
  pushIndex(repository: string, tag: string, seed?: string): Promise<MultiPlatform>
  /** Ends the registry; the storage stays until `remove`. */
  stop(): Promise<void>
  remove(): Promise<void>
}

/** Starts a registry with an empty storage. */
export async function startStorageRoot({ start }: Generation): Promise<StorageRoot> {
  const root = await mkdtemp(join(tmpdir(), 'regguard-storage-'))
  const registry = await start({ root })
  let isStopped = false
  const stop = async () => {
    if (!isStopped) await registry.stop()
    isStopped = true
  }
  const pushTo: StorageRoot['push'] = (repository, contents, tag) =>
    push(registry.host, repository, contents, tag === undefined ? {} : { tag })
  return {
    registry,
    root,
    push: pushTo,
    pushIndex: async (repository, tag, seed = `${repository}:${tag}`) => {
      const made = multiPlatform({ seed })
      await pushTo(repository, made.contents, tag)
      return made
    },
    stop,
    remove: async () => {
      await stop()
      await rm(root, { recursive: true, force: true })
    },
  }
}
