import * as z from 'zod'
import type { Facts } from '../../facts/facts.ts'
import { hostSources } from '../../facts/path/phases.ts'
import { type HostFact, hostRoles, protocols } from '../../facts/path.ts'
import { daysLeft } from '../../facts/queries/path/certificates.ts'
import { parseRepository } from '../../oci/reference.ts'

export const hostSchema = z.object({
  host: z.string(),
  roles: z.array(hostRoles),
  addresses: z.array(z.string()),
  source: hostSources,
  protocol: protocols,
  http2: z.boolean(),
  certificate: z
    .object({ subject: z.string(), issuer: z.string(), daysLeft: z.int(), verified: z.boolean() })
    .optional(),
  requests: z.int(),
  retried: z.int().describe('Requests that were sent again after failures that pass.'),
  servesBlobs: z.boolean().describe('Whether a blob was read from it, or from a host that it redirected to.'),
  proxy: z.string().optional().describe('The proxy that it was reached through; then no address is known.'),
  rateLimit: z
    .object({ limit: z.int().optional(), remaining: z.int() })
    .optional()
    .describe('What it said last of its rate limit.'),
})
export type ReportHost = z.infer<typeof hostSchema>

/** Every host that was asked. */
export const reportHosts = ({ path, image }: Facts): ReportHost[] =>
  path.hosts.map((host) => reportHost(host, image, path.at))

const servesBlobs = ({ host, protocol }: HostFact, { repositories }: Facts['image']): boolean =>
  repositories.some(({ name, blobs }) => {
    const repository = parseRepository(name)
    // As in a URL, without the standard port.
    const isHere = repository.ok && new URL(`${protocol}://${repository.value.apiHost}`).host === host
    return isHere && blobs.some(({ observed }) => observed.seen)
  })

function reportHost(host: HostFact, image: Facts['image'], at: number): ReportHost {
  const { tls, retries, roles, addresses, source, protocol, http2, requests, proxy, rateLimit } = host
  const { subject = '', issuer = '', verified = false } = tls ?? {}
  const days = tls ? daysLeft(tls.validTo, at) : Number.NaN
  const certificate =
    tls && !Number.isNaN(days) ? { certificate: { subject, issuer, daysLeft: days, verified } } : {}
  return {
    host: host.host,
    roles,
    addresses,
    source,
    protocol,
    http2,
    ...certificate,
    requests,
    retried: retries.length,
    servesBlobs: servesBlobs(host, image),
    ...(proxy === undefined ? {} : { proxy }),
    ...(rateLimit === undefined ? {} : { rateLimit }),
  }
}
