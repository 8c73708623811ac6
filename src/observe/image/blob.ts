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
import { manifestCap } from './manifest.ts'
import { probeBlob } from './probe.ts'
import type { Unpacker } from './unpack.ts'
import { readWhole } from './whole.ts'

/** What looking at the blobs of one repository shares. */
export interface BlobContext {
  depth: Depth
  request: <T>(
    digest: string,
    method: 'GET' | 'HEAD',
    headers: Record<string, string>,
    read: (response: Response) => Promise<Observed<T>>,
    also?: number[],
  ) => Promise<Observed<T>>
  /** Set once a blob showed that this repository's registry answers ranges with everything. */
  ranges: { ignored: boolean }
  /** Unpacks zstd layers, one after the other. */
  zstd: (see: (plain: Buffer) => void) => Unpacker
  /** The blobs that may be read whole where ranges are ignored; decided when that is first noticed. */
  granted: () => Set<string>
  quirk: (found: Quirk) => void
}

/** Looks at one blob as deep as the run asks, and writes what was seen into its fact. */
export async function observeBlob(context: BlobContext, { fact, isConfig }: ListedBlob): Promise<void> {
  const { data, size } = fact.descriptor
  if (data !== undefined) fact.inline = inlineContent(data, fact)
  const small = size <= manifestCap
  fact.observed = await (isConfig && small ? readConfig(context, fact) : look(context, fact))
  if (isConfig && !small && isImageConfigType(fact.descriptor.mediaType))
    fact.config = { ok: false, problem: 'it is too large to be a configuration' }
}

function look(context: BlobContext, fact: BlobFact): Promise<Observed<BlobState>> {
  if (context.depth === 'full') return readWhole(context, fact, {})
  return context.depth === 'head' ? headBlob(context, fact) : probeBlob(context, fact)
}

/** A configuration is small and says what the image is, so it is read whole at every depth. */
async function readConfig(context: BlobContext, fact: BlobFact): Promise<Observed<BlobState>> {
  const keep = { bytes: Buffer.alloc(0) }
  const observed = await readWhole(context, fact, { keep })
  if (observed.seen && observed.value.state === 'proven' && isImageConfigType(fact.descriptor.mediaType)) {
    fact.config = parseConfig(keep.bytes)
  }
  return observed
}

/** image-spec, descriptor.md: embedded `data` must be what the digest is of, and as long as `size` says. */
function inlineContent(data: string, { digest, descriptor }: BlobFact): 'matches' | 'differs' {
  const bytes = Buffer.from(data, 'base64')
  const algorithm = hashAlgorithm(digest)
  if (bytes.length !== descriptor.size) return 'differs'
  if (!algorithm) return 'matches'
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}` === digest
    ? 'matches'
    : 'differs'
}
