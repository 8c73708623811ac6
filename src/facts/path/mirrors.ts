import * as z from 'zod'
import { failureSchema } from '../../core/failure.ts'
import { legSchema } from './leg.ts'

const problem = z.object({
  file: z.string(),
  /** The key or line that is wrong. */
  key: z.string().exactOptional(),
  /** What is wrong, as the end of a sentence that begins with the key or the file. */
  message: z.string(),
})
export type MirrorProblem = z.infer<typeof problem>

const ignored = problem.extend({
  runtime: z.string(),
  registry: z.string(),
  /** Whether the file is not even valid TOML. */
  invalid: z.boolean(),
})
/** A file that a runtime ignores as a whole. */
export type IgnoredFile = z.infer<typeof ignored>

const walked = z.object({
  /** What the leg is for: `manifests/1.2`, `blobs/sha256:…`. */
  object: z.string(),
  /** The HTTP status, or why there is none. */
  status: z.number().exactOptional(),
  failure: failureSchema.exactOptional(),
  /** Where a redirect or a challenge leads: a URL without query. */
  leadsTo: z.string().exactOptional(),
  leg: legSchema,
})
/** A leg that was walked as a runtime would. */
export type WalkedLeg = z.infer<typeof walked>

const endpoint = z.object({
  role: z.enum(['mirror', 'registry']),
  /** Scheme, host and root of the API. */
  url: z.string(),
  host: z.string(),
  /** Whether its host is an IP address, so that TLS carries no server name. */
  bareAddress: z.boolean(),
  /** The file and the key that name it; absent for the registry of the reference where no file does. */
  file: z.string().exactOptional(),
  key: z.string().exactOptional(),
  legs: z.array(walked),
  /** For a bare address that has no image: the same request to the same address with the name of the registry. */
  asNamed: walked.exactOptional(),
})
export type MirrorEndpoint = z.infer<typeof endpoint>

const pull = z.object({
  runtime: z.string(),
  /** As the reference names it. */
  registry: z.string(),
  reference: z.string(),
  /** In the order in which the runtime asks them; the registry itself is the last. */
  endpoints: z.array(endpoint),
  ok: z.boolean(),
  /** The leg whose failure the runtime reports, and those of which it reports nothing; by their URLs without query. */
  told: z.string().exactOptional(),
  masked: z.array(z.string()),
})
/** A pull as a runtime with this configuration does it. */
export type MirrorPull = z.infer<typeof pull>

export const mirrorsSchema = z.object({
  /** The configurations that were read. */
  configs: z.array(z.object({ path: z.string(), kind: z.string() })),
  problems: z.array(problem),
  ignored: z.array(ignored),
  pulls: z.array(pull),
})
/** How runtimes on this host reach registries through mirrors. */
export type MirrorsFact = z.infer<typeof mirrorsSchema>
