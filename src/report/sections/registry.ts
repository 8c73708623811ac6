import * as z from 'zod'
import type { CatalogFact, RegistryFact } from '../../facts/registry.ts'

export const catalogSchema = z.object({
  registry: z.string(),
  repositories: z.int().describe('How many repositories it lists.'),
  empty: z.int().describe('How many of them have no tag.'),
})

/** What a registry lists, in numbers. */
export const reportCatalog = ({ registry, listed, empty }: CatalogFact): z.infer<typeof catalogSchema> => ({
  registry,
  repositories: listed.seen && listed.value.state === 'listed' ? listed.value.names.length : 0,
  empty: empty.length,
})

export const pushSchema = z.object({
  repository: z.string(),
  state: z.enum(['granted', 'refused', 'unknown']),
  scope: z.string().optional().describe('What the token grants.'),
  why: z.string().optional().describe('Why it is unknown.'),
})

/** Whether the login may push, by repository. */
export const reportPush = (push: NonNullable<RegistryFact['push']>): z.infer<typeof pushSchema>[] =>
  push.map(({ repository, access }) => ({
    repository,
    state: access.state,
    ...(access.state === 'unknown' ? { why: access.why } : { scope: access.scope }),
  }))
