import * as z from 'zod'
import { failureSchema } from '../../core/failure.ts'

const otherAddress = z.object({
  address: z.string(),
  /** How long the connection took, or took to fail, in milliseconds. */
  ms: z.number(),
  failure: failureSchema.exactOptional(),
})

export const hostAddressesSchema = z.object({
  /** Name and port, as in the URL. */
  host: z.string(),
  port: z.number(),
  /** The address that the first connection of the run used. */
  used: z.string(),
  /** The other addresses of the name that this machine has a route to. */
  others: z.array(otherAddress),
})
/** A host whose name has several addresses, and whether each of them takes connections. */
export type HostAddresses = z.infer<typeof hostAddressesSchema>
