import * as z from 'zod'

export const cachedSchema = z.object({
  /** The reference of a target. */
  reference: z.string(),
  /** The digest that the engine recorded for its repository; absent if it was built here and never pulled or pushed. */
  digest: z.string().exactOptional(),
})
/** An image that the engine of this machine has already, so that jobs use it without a pull. */
export type CachedFact = z.infer<typeof cachedSchema>
