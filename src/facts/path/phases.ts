import * as z from 'zod'

/** How a name was resolved. `address`: it is an IP address. */
export const hostSources = z.enum(['address', 'hosts file', 'DNS'])

/** The milliseconds of each phase; a request on an open connection has no connection phases. */
export const phasesSchema = z.object({
  dns: z.number().exactOptional(),
  connect: z.number().exactOptional(),
  tls: z.number().exactOptional(),
  /** From the request to the headers of the response. */
  headers: z.number().exactOptional(),
  body: z.number().exactOptional(),
})
export type PhaseTimes = z.infer<typeof phasesSchema>
