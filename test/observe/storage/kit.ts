import { findBase } from '../../../src/observe/storage/filesystem/find-base.ts'
import { readFilesystem } from '../../../src/observe/storage/filesystem/read.ts'
import type { Reading } from '../../../src/observe/storage/reading.ts'

/** Reads a storage; `pause` runs before what looks wrong is read again. */
export async function readStorage(
  root: string,
  {
    pause = async () => {},
    signal = new AbortController().signal,
    onRead = () => {},
    keepsAll = true,
    startedAt = Date.now(),
  } = {},
): Promise<Reading> {
  const found = await findBase(root)
  if (found.state !== 'found') throw new Error(found.why)
  return readFilesystem(found, { signal, onRead, pause, keepsAll, startedAt })
}

/** What was read, with digests as text, and every list in order. */
export function plain({ inventory: { repositories, digests, blobs, manifests, strays } }: Reading) {
  const text = (digest: number | undefined) => (digest === undefined ? undefined : digests.text(digest))
  return {
    repositories: repositories
      .map(({ name, revisions, tags, layers }) => ({
        name,
        revisions: revisions.map(({ path }) => text(path)).toSorted(),
        tags: tags.map((tag) => tag.name).toSorted(),
        layers: [...layers.equal].map(text).toSorted(),
      }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    blobs: new Map([...blobs.all()].map((digest) => [digests.text(digest), blobs.size(digest)])),
    manifests: [...manifests.keys()].map((digest) => digests.text(digest)).toSorted(),
    strays: strays.map(({ path, kind }) => `${kind} ${path}`).toSorted(),
  }
}
