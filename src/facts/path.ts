import * as z from 'zod'
import { failureSchema } from '../core/failure.ts'
import { hostAddressesSchema } from './path/addresses.ts'
import { cachedSchema } from './path/cached.ts'
import { legSchema } from './path/leg.ts'
import { machineSchema } from './path/machine.ts'
import { mirrorsSchema } from './path/mirrors.ts'
import { mtuSchema } from './path/mtu.ts'
import { namesSchema } from './path/names.ts'
import { hostSources, phasesSchema } from './path/phases.ts'
import { roundSchema } from './path/round.ts'

export const hostRoles = z.enum(['registry', 'token', 'storage'])
/** What a host was used for. */
export type HostRole = z.infer<typeof hostRoles>

export const protocols = z.enum(['http', 'https'])

const host = z.object({
  /** Name and port, as in the URL. */
  host: z.string(),
  roles: z.array(hostRoles),
  /** The IP addresses that accepted connections; empty behind a proxy. */
  addresses: z.array(z.string()),
  /** How the name was resolved. */
  source: hostSources,
  protocol: protocols,
  http2: z.boolean(),
  /** The server's certificate; `validTo` is in milliseconds since the epoch. */
  tls: z
    .object({ subject: z.string(), issuer: z.string(), validTo: z.number(), verified: z.boolean() })
    .exactOptional(),
  requests: z.number(),
  /** The failure that led to each retry. */
  retries: z.array(failureSchema.pick({ kind: true, detail: true })),
  /** The proxy that it was reached through: name and port. */
  proxy: z.string().exactOptional(),
  /** How far its clock is ahead of this machine's, in milliseconds, by its last `Date` header. */
  skewMs: z.number().exactOptional(),
  /** Its rate limit, by its last response. */
  rateLimit: z.object({ limit: z.number().exactOptional(), remaining: z.number() }).exactOptional(),
})
/** The facts of a host that requests were sent to. */
export type HostFact = z.infer<typeof host>

export const requestSchema = z.object({
  method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'DELETE']),
  /** Without query, which may contain a signature, and without credentials. */
  url: z.string(),
  role: hostRoles,
  /** Milliseconds since the epoch. */
  at: z.number(),
  status: z.number().exactOptional(),
  /** The IP address that responded; unknown behind a proxy. */
  address: z.string().exactOptional(),
  /** The proxy that it was sent through. */
  proxy: z.string().exactOptional(),
  http2: z.boolean(),
  phases: phasesSchema,
  /** Why there is no response, or why it broke off. */
  failure: failureSchema.exactOptional(),
  /** How many attempts were made before this one. */
  attempt: z.number(),
})
/** One request. */
export type RequestFact = z.infer<typeof requestSchema>

/** The network path between this process and the registries. */
export const pathSchema = z.object({
  hosts: z.array(host),
  /** The number of requests that were sent. */
  requests: z.number(),
  /** The number of bytes received. */
  bytes: z.number(),
  /** The requests in the order they were sent; at most the first 10,000. */
  log: z.array(requestSchema),
  /** The legs that were probed, each address on connections of its own. Absent if none had to be. */
  legs: z.array(legSchema).exactOptional(),
  /** Every verification of the images; only with `repeat`. */
  rounds: z.array(roundSchema).exactOptional(),
  /** The images that the engine of this machine has already; only where a request failed and an engine answers. */
  cached: z.array(cachedSchema).exactOptional(),
  /** This machine's way out; only beside legs and path MTUs. */
  machine: machineSchema.exactOptional(),
  /** Absent where no host name was looked up, or none is to be asked for. */
  names: namesSchema.exactOptional(),
  /** How runtimes reach registries through mirrors. Absent without `mirror_config`. */
  mirrors: mirrorsSchema.exactOptional(),
  /** The hosts whose names have several addresses. Absent where none has. */
  addresses: z.array(hostAddressesSchema).exactOptional(),
  /** Path MTUs. Absent where no request timed out, and `path_mtu` does not ask for them. */
  mtu: mtuSchema.exactOptional(),
  /** When the observation ended, in milliseconds since the epoch. */
  at: z.number(),
})
export type PathFact = z.infer<typeof pathSchema>
