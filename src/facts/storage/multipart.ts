import * as z from 'zod'

const count = z.int().min(0)

/** The multipart uploads in a bucket that were begun and not completed. */
export const multipartSchema = z.discriminatedUnion('state', [
  z.object({
    state: z.literal('listed'),
    total: count,
    /** Those that nobody completes any more: begun a week ago or earlier. */
    stale: count,
    /** When the oldest stale one was begun, in milliseconds. */
    oldest: z.number().exactOptional(),
    /** The keys of the first stale ones. */
    examples: z.array(z.string()),
    /** False if there are more than were listed. */
    isComplete: z.boolean(),
  }),
  z.object({ state: z.literal('refused'), why: z.string() }),
])
export type MultipartFact = z.infer<typeof multipartSchema>
