import * as z from 'zod'

const count = z.int().min(0)
const sum = z.object({ count, bytes: z.number().min(0) })

/** Data whose content does not have the digest in its path. */
const wrongHash = z.object({
  digest: z.string(),
  /** The digest that the content had, in the first of two readings. */
  actual: z.string(),
  size: z.number(),
  /**
   * What a second reading gave: the same, other content, or the right one. A file does not change between them: then the memory or
   * the disk fails.
   */
  again: z.enum(['same', 'other', 'right']),
})
export type WrongHash = z.infer<typeof wrongHash>

/** What hashing the data of a storage showed. */
export const hashesSchema = z.object({
  /** All data was to be hashed, and not only manifests and configurations. */
  isFull: z.boolean(),
  /** Hashed in this run. */
  hashed: sum,
  /** Hashed in an earlier run, and unchanged since. */
  known: sum,
  /** Not hashed yet, or changed since; of a full pass. */
  left: sum,
  /** Could not be read, or changed while they were read. */
  skipped: count,
  /** Files with far fewer blocks on disk than their size needs, as if a part had never been written; or on a file system that compresses. */
  sparse: z.object({ count, first: z.array(z.string()) }),
  /** Why a full pass ended before its end. */
  ended: z.enum(['budget', 'run']).exactOptional(),
  /** When the data was hashed that was hashed longest ago, in milliseconds; of a full pass that left none. */
  oldestAt: z.number().exactOptional(),
  /** Why what earlier runs hashed is not known. */
  stateLost: z.string().exactOptional(),
  wrong: z.array(wrongHash),
  /** More of these. */
  moreWrong: count,
})
export type HashesFact = z.infer<typeof hashesSchema>

/** The result of hashing; `hashed` says of a digest what is known of its content, by this run or an earlier one. */
export interface Hashing {
  fact: HashesFact
  hashed: (digest: number) => 'sound' | 'corrupt' | undefined
}
