import { createHash } from 'node:crypto'
import type { Observed } from '../../core/observed.ts'
import type { BlobFact, BlobState, Depth } from '../../facts/image.ts'
import type { Quirk } from '../../facts/registry.ts'
import { parseConfig } from '../../oci/config.ts'
import { hashAlgorithm } from '../../oci/digest.ts'
import { isImageConfigType } from '../../oci/media-types.ts'
import type { Response } from '../http/response.ts'
import type { ListedBlob } from './blob-list.ts'
import { headBlob } from './head.ts'
import { maxManifestBytes } from './manifest.ts'
import { probeBlob } from './probe.ts'
import type { Unpacker } from './unpack.ts'
import { readWhole } from './whole.ts'

/** What the inspections of all blobs of one repository share. */
export interface BlobContext {
  depth: Depth
  request: <T>(
    digest: string,
    method: 'GET' | 'HEAD',
    headers: Record<string, string>,
    read: (response: Response) => Promise<Observed<T>>,
    also?: number[],
  ) => Promise<Observed<T>>
  /** Set once the registry answered a range request with the whole blob. */
  ranges: { ignored: boolean }
  /** Unpacks zstd layers, one after the other. */
  zstd: (onData: (plain: Buffer) => void) => Unpacker
  /** The digests of the blobs to read to their end if ranges are ignored; decided when that is first noticed. */
  wholeReads: () => Set<string>
  /** Whether a blob of this size may be read to its end at depth `probe`; deducts a large one from the budget. */
  mayReadWhole: (sizeBytes: number) => boolean
  quirk: (found: Quirk) => void
}

/** Inspects one blob at the depth of the run, and records the result in its fact. */
export async function observeBlob(context: BlobContext, { fact, isConfig }: ListedBlob): Promise<void> {
  const { data, size } = fact.descriptor
  if (data !== undefined) fact.inline = inlineContent(data, fact)
  const small = size <= maxManifestBytes
  fact.observed = await (isConfig && small ? readConfig(context, fact) : inspect(context, fact))
  if (isConfig && !small && isImageConfigType(fact.descriptor.mediaType))
    fact.config = { ok: false, problem: 'too large to be a configuration' }
}

function inspect(context: BlobContext, fact: BlobFact): Promise<Observed<BlobState>> {
  if (context.depth === 'full') return readWhole(context, fact, {})
  return context.depth === 'head' ? headBlob(context, fact) : probeBlob(context, fact)
}

/** A configuration is small and describes the image, so it is read to its end at every depth. */
async function readConfig(context: BlobContext, fact: BlobFact): Promise<Observed<BlobState>> {
  const keep = { bytes: Buffer.alloc(0) }
  const observed = await readWhole(context, fact, { keep })
  if (observed.seen && observed.value.state === 'proven' && isImageConfigType(fact.descriptor.mediaType)) {
    fact.config = parseConfig(keep.bytes)
  }
  return observed
}

/** Embedded `data` must match the digest and the size of its descriptor (image-spec, descriptor.md). */
function inlineContent(data: string, { digest, descriptor }: BlobFact): 'matches' | 'differs' {
  const bytes = Buffer.from(data, 'base64')
  const algorithm = hashAlgorithm(digest)
  if (bytes.length !== descriptor.size) return 'differs'
  if (!algorithm) return 'matches'
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}` === digest
    ? 'matches'
    : 'differs'
}
