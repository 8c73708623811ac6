import * as z from 'zod'
import { failureSchema } from '../core/failure.ts'
import { observedSchema } from '../core/observed.ts'
import { refusalSchema } from './image.ts'

const quirk = z.enum([
  'ranges-ignored',
  'head-unsupported',
  'head-unauthorized',
  'length-unknown',
  'length-zero',
  'content-encoded',
  'digest-header-missing',
])
/** Oddities of a registry or proxy that are no fault of the image. */
export type Quirk = z.infer<typeof quirk>

const catalog = z.object({
  registry: z.string(),
  listed: observedSchema(
    z.discriminatedUnion('state', [
      z.object({ state: z.literal('listed'), names: z.array(z.string()) }),
      z.object({ state: z.literal('refused'), refusal: refusalSchema }),
    ]),
  ),
  /** Repositories that are listed and have no tag. */
  empty: z.array(z.string()),
  /** Repositories whose tags could not be listed. */
  unread: z.array(z.object({ repository: z.string(), why: failureSchema })),
})
/** What a whole registry lists. */
export type CatalogFact = z.infer<typeof catalog>

/** Everything observed of the registries themselves. */
export const registrySchema = z.object({
  /** Where `catalog` asks for it. */
  catalog: catalog.exactOptional(),
  /** How often each oddity was seen, by repository. */
  quirks: z.array(z.object({ repository: z.string(), registry: z.string(), quirk, answers: z.number() })),
})
export type RegistryFact = z.infer<typeof registrySchema>
