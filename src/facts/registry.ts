import * as z from 'zod'
import { failureSchema } from '../core/failure.ts'
import { observedSchema } from '../core/observed.ts'
import { refusalSchema } from './image.ts'
import { coverageSchema } from './registry/coverage.ts'

const quirk = z.enum([
  'ranges-ignored',
  'head-unsupported',
  'head-unauthorized',
  'length-unknown',
  'length-zero',
  'content-encoded',
  'digest-header-missing',
])
/** A deviation of a registry or proxy from the specification that is not a fault of the image. */
export type Quirk = z.infer<typeof quirk>

const catalog = z.object({
  registry: z.string(),
  listed: observedSchema(
    z.discriminatedUnion('state', [
      z.object({ state: z.literal('listed'), names: z.array(z.string()) }),
      z.object({ state: z.literal('refused'), refusal: refusalSchema }),
    ]),
  ),
  /** Listed repositories without a tag. */
  empty: z.array(z.string()),
  /** Repositories whose tags could not be listed. */
  unread: z.array(z.object({ repository: z.string(), why: failureSchema })),
})
/** The catalog of a registry. */
export type CatalogFact = z.infer<typeof catalog>

/** Whether the login of a run may push to a repository, as far as its token shows. */
const pushAccess = z.discriminatedUnion('state', [
  z.object({ state: z.literal('granted'), scope: z.string() }),
  z.object({ state: z.literal('refused'), asked: z.string(), scope: z.string() }),
  z.object({ state: z.literal('unknown'), why: z.string() }),
])
export type PushAccess = z.infer<typeof pushAccess>

/** All facts of the registries themselves. */
export const registrySchema = z.object({
  /** Present with the setting `push_access`, by repository. */
  push: z.array(z.object({ repository: z.string(), access: pushAccess })).exactOptional(),
  /** Present with the setting `catalog`. */
  catalog: catalog.exactOptional(),
  /** Present with the setting `mirror_coverage`. */
  coverage: coverageSchema.exactOptional(),
  /** The number of responses with each quirk, by repository. */
  quirks: z.array(z.object({ repository: z.string(), registry: z.string(), quirk, answers: z.number() })),
})
export type RegistryFact = z.infer<typeof registrySchema>
