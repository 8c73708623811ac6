import * as z from 'zod'
import { failureSchema } from '../core/failure.ts'

export const hostRoles = z.enum(['registry', 'token', 'storage'])
/** What a host was asked for. */
export type HostRole = z.infer<typeof hostRoles>

export const protocols = z.enum(['http', 'https'])
export const hostSources = z.enum(['address', 'hosts file', 'DNS'])

const host = z.object({
  host: z.string(),
  roles: z.array(hostRoles),
  addresses: z.array(z.string()),
  source: hostSources,
  protocol: protocols,
  http2: z.boolean(),
  tls: z
    .object({ subject: z.string(), issuer: z.string(), validTo: z.number(), verified: z.boolean() })
    .exactOptional(),
  requests: z.number(),
  retries: z.array(z.string()),
  /** The proxy that was used to reach it. */
  proxy: z.string().exactOptional(),
  /** How far its clock is ahead of ours, in milliseconds, by its last `Date`. */
  skewMs: z.number().exactOptional(),
  /** What it said of its rate limit last. */
  rateLimit: z.object({ limit: z.number().exactOptional(), remaining: z.number() }).exactOptional(),
})
/** What is known of a host that was asked. */
export type HostFact = z.infer<typeof host>

/** Milliseconds of each phase; connection phases are absent where an open connection was used. */
const phases = z.object({
  dns: z.number().exactOptional(),
  connect: z.number().exactOptional(),
  tls: z.number().exactOptional(),
  /** From the request to the headers of its answer. */
  headers: z.number().exactOptional(),
  body: z.number().exactOptional(),
})
export type PhaseTimes = z.infer<typeof phases>

export const requestSchema = z.object({
  method: z.enum(['GET', 'HEAD', 'POST']),
  /** Without its query, which may hold a signature, and without a login. */
  url: z.string(),
  role: hostRoles,
  /** Milliseconds since the epoch. */
  at: z.number(),
  status: z.number().exactOptional(),
  /** The IP address that answered; unknown behind a proxy. */
  address: z.string().exactOptional(),
  http2: z.boolean(),
  phases,
  /** Why there is no answer. */
  failure: failureSchema.exactOptional(),
  /** How often the same was asked before, after failures that pass. */
  attempt: z.number(),
})
/** One request as it was sent. */
export type RequestFact = z.infer<typeof requestSchema>

/** The network path between this process and the registry, as it was used. */
export const pathSchema = z.object({
  hosts: z.array(host),
  /** How many requests were sent. */
  requests: z.number(),
  bytes: z.number(),
  /** Each request with its phase times, in the order they were sent; of very many only the first. */
  log: z.array(requestSchema),
  /** Milliseconds since the epoch when the observation ended. */
  at: z.number(),
})
export type PathFact = z.infer<typeof pathSchema>
