import * as z from 'zod'

/** What this machine, or the container of this step, has for its way out. */
export const machineSchema = z.object({
  /** The interface of the default route, and its MTU in bytes. */
  device: z.string().exactOptional(),
  mtu: z.number().exactOptional(),
  gateway: z.string().exactOptional(),
  /** Its own addresses, without loopback and link-local ones; at most 16. */
  addresses: z.array(z.string()).exactOptional(),
  /** The resolvers of /etc/resolv.conf, in the order of the file. */
  resolvers: z.array(z.string()),
})
export type MachineFact = z.infer<typeof machineSchema>
