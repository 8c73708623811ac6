import * as z from 'zod'
import { failureSchema } from '../../core/failure.ts'

export const roundSchema = z.object({
  /** Milliseconds since the epoch. */
  at: z.number(),
  ms: z.number(),
  /** Objects that could not be observed. */
  unobserved: z.number(),
  /** Objects that the registry does not have, or serves with other content. */
  faulty: z.number(),
  requests: z.number(),
  /** The failures of requests, those that a retry made good included; at most 100. */
  failures: z.array(failureSchema),
})
/** One whole verification of the images, on connections of its own. */
export type RoundFact = z.infer<typeof roundSchema>
