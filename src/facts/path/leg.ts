import * as z from 'zod'
import { failureSchema } from '../../core/failure.ts'
import { hostSources, phasesSchema } from './phases.ts'

/**
 * The steps of a pull, in order. `endpoint` is an address to probe that is not part of a pull; `mirror` a host that a runtime asks
 * before the registry itself.
 */
const legSteps = z.enum(['endpoint', 'mirror', 'challenge', 'token', 'manifest', 'blob', 'storage'])
export type LegStep = z.infer<typeof legSteps>

/** A certificate as a server presented it. Times are in milliseconds since the epoch. */
const certificate = z.object({
  subject: z.string(),
  issuer: z.string(),
  /** The DNS names and addresses that it is valid for. */
  names: z.array(z.string()),
  validFrom: z.number(),
  validTo: z.number(),
  /** The SHA-256 of its DER form, in lower-case hex. */
  sha256: z.string(),
})
export type CertificateFact = z.infer<typeof certificate>

const attempt = z.object({
  /** Milliseconds since the epoch. */
  at: z.number(),
  phases: phasesSchema,
  status: z.number().exactOptional(),
  /** Why there is no response. */
  failure: failureSchema.exactOptional(),
})
/** One request on a connection of its own. */
export type AttemptFact = z.infer<typeof attempt>

/** One IP address of a leg's host, and every attempt to use it. */
export const legAddressSchema = z.object({
  address: z.string(),
  attempts: z.array(attempt),
  /** The certificate of the last handshake, whether or not it was accepted. */
  certificate: certificate.exactOptional(),
})
export type LegAddressFact = z.infer<typeof legAddressSchema>

const lookup = z.object({
  at: z.number(),
  ms: z.number(),
  failure: failureSchema.exactOptional(),
})

export const legSchema = z.object({
  step: legSteps,
  /** What the leg belongs to: an image reference, an endpoint as written, a mirror's file. */
  of: z.string(),
  /** Without query and credentials. */
  url: z.string(),
  /** Name and port, as in the URL. */
  host: z.string(),
  /** The server name of the TLS handshake; absent for a bare IP address and for plain HTTP. */
  servername: z.string().exactOptional(),
  /** The Host header of the request. */
  hostHeader: z.string(),
  /** How the name was resolved. */
  source: hostSources,
  /** One for each time that the leg was probed; none for an address. */
  lookups: z.array(lookup),
  addresses: z.array(legAddressSchema),
  /** The proxy that requests to it go through; then nothing is probed. */
  proxy: z.string().exactOptional(),
})
/** One leg of the network path: a request to one host, with a verdict for each of its IP addresses. */
export type LegFact = z.infer<typeof legSchema>
