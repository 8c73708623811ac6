import { type Observed, unseen } from '../../core/observed.ts'
import type { BlobFact, BlobState, Depth } from '../../facts/image.ts'
import type { ObjectState } from '../../facts/watch/state.ts'
import { failure } from '../http/failures.ts'
import { type BlobContext, observeBlob } from '../image/blob.ts'
import { type Budget, takeWholeRead } from '../image/budget.ts'
import { createZstdUnpackers } from '../image/unpack.ts'
import type { Registry } from '../registry/registry.ts'

/** Reads blobs whose graph is known, without their manifests. */
export interface BlobReader {
  /** `full`: reads and hashes all of it. */
  look: (repository: string, blob: ObjectState, depth: Depth) => Promise<Observed<BlobState>>
}

/** A reader for one run. `budget`: how much may be read of large blobs where the registry ignores ranges. */
export function createBlobReader(registry: Registry, budget: Budget): BlobReader {
  const zstd = createZstdUnpackers()
  const ranges = { ignored: false }
  return {
    look: async (repository, { digest, kind, size, mediaType }, depth) => {
      const field = kind === 'config' ? 'config' : 'blobs[0]'
      const fact: BlobFact = {
        ...{ digest, role: 'image', uses: [{ parent: '', field }] },
        descriptor: { digest, size, mediaType },
        observed: unseen(failure('run-stopped', registry.host, 'request', 'the run ended before it')),
      }
      // Asked only once ranges are ignored: whether this one may be read to its end.
      const context: BlobContext = {
        ...{ depth, zstd, ranges, quirk: () => {} },
        wholeReads: () => new Set(takeWholeRead(size, budget) ? [digest] : []),
        mayReadWhole: (sizeBytes) => takeWholeRead(sizeBytes, budget),
        request: (one, method, headers, read, also) =>
          registry.request(repository, { method, path: `blobs/${one}`, headers }, read, also),
      }
      await observeBlob(context, { fact, isConfig: kind === 'config' })
      return fact.observed
    },
  }
}
