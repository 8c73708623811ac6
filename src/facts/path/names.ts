import * as z from 'zod'
import { dnsFilesSchema } from './dns-files.ts'
import { legAddressSchema } from './leg.ts'

/**
 * How a lookup ended. `no-such-name`: NXDOMAIN; `no-data`: the name has no address of this family; `silent`: no response in time;
 * `closed`: nothing listens there; `unreachable`: no route to it; `garbage`: only messages that are no response to the query;
 * `truncated`: an incomplete response, and no complete one over TCP; `cname-loop`: aliases that lead back to themselves;
 * `not-valid`: the name cannot be asked for.
 */
const lookupState = z.enum([
  'found',
  'no-such-name',
  'no-data',
  'server-failed',
  'refused',
  'silent',
  'closed',
  'unreachable',
  'garbage',
  'truncated',
  'cname-loop',
  'not-valid',
])
export type LookupState = z.infer<typeof lookupState>

const lookup = z.object({
  state: lookupState,
  addresses: z.array(z.string()),
  /** Until the answer; without one, how long it was waited for. */
  ms: z.number(),
})
/** The answer to one question. */
export type LookupFact = z.infer<typeof lookup>

const answer = z.object({
  /** The address of the resolver. */
  resolver: z.string(),
  ipv4: lookup,
  ipv6: lookup,
})
/** What one resolver says of a name. */
export type ResolverAnswer = z.infer<typeof answer>

/**
 * `configured`: in resolv.conf; `upstream`: asked by Docker's own resolver; `uplink`: asked by systemd-resolved; `file`: in a file
 * that `dns_config` names.
 */
const resolverLayer = z.enum(['configured', 'upstream', 'uplink', 'file'])

const resolver = z.object({
  address: z.string(),
  layer: resolverLayer,
  /** The file that names it. */
  from: z.string(),
  /** Its answer for `localhost`, which tells a dead server from one that waits for others. */
  localhost: lookup,
})
export type ResolverFact = z.infer<typeof resolver>

const resolverConfig = z.object({
  file: z.string(),
  /** All its name servers, in order; libc asks only the first three. */
  servers: z.array(z.string()),
  /** Name servers that are not addresses, which libc ignores. */
  invalid: z.array(z.string()),
  search: z.array(z.string()),
  ndots: z.number(),
  timeoutMs: z.number(),
  attempts: z.number(),
  rotate: z.boolean(),
  /** The servers behind Docker's own resolver that it asks from the host's network, where this process cannot. */
  hostUpstream: z.array(z.string()),
})
/** The configuration of libc's resolver. */
export type ResolverConfig = z.infer<typeof resolverConfig>

const nameUse = z.enum(['registry', 'token', 'storage', 'endpoint', 'names'])
/** What a name is asked for: its part in a pull, or the setting that names it. */
export type NameUse = z.infer<typeof nameUse>

const name = z.object({
  name: z.string(),
  uses: z.array(nameUse),
  /** By libc: hosts file, then resolvers and search domains. */
  libc: lookup,
  /** The addresses that the hosts file assigns to it. */
  pins: z.array(z.string()),
  /** By each resolver alone, for the name as it is. */
  answers: z.array(answer),
  /** With the search domains that libc appends: by the first resolver that answers. */
  searched: z.array(answer.extend({ name: z.string() })),
  /**
   * Every address that libc, a resolver or the hosts file gives for it, dialled with its name. Only of a registry for which these
   * differ, where the path failed or where the settings expect an address.
   */
  dialled: z.array(legAddressSchema),
})
/** A name, asked in every layer. */
export type NameFact = z.infer<typeof name>

/** Names on the pull path, asked of libc and of every resolver. */
export const namesSchema = z.object({
  /** The C library of this process. */
  libc: z.enum(['glibc', 'musl']),
  /** Undefined where it cannot be read. */
  config: resolverConfig.exactOptional(),
  resolvers: z.array(resolver),
  names: z.array(name),
  /** Only with `dns_config`. */
  files: dnsFilesSchema.exactOptional(),
  /** How long each resolver was given. */
  limitMs: z.number(),
})
export type NamesFact = z.infer<typeof namesSchema>
