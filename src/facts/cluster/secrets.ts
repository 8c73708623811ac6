import * as z from 'zod'

/** An ExternalSecret that is not synchronised. */
const secretFailureSchema = z.object({
  /** `ExternalSecret shop/regcred`. */
  name: z.string(),
  namespace: z.string(),
  /** The Secret that it owns, which stays as it was. */
  target: z.string(),
  reason: z.string(),
  /** The message of its last event; that of its condition is always the same. Safe to print. */
  text: z.string(),
  /** When it was synchronised last, in milliseconds since the epoch. */
  refreshedAt: z.number().exactOptional(),
  /** Images whose pull was refused with this Secret as pull secret. */
  refusedPulls: z.array(z.string()),
})

export const secretsSchema = z.object({
  /** How many were read. */
  count: z.int().min(0),
  failures: z.array(secretFailureSchema),
})
export type SecretsFact = z.infer<typeof secretsSchema>
