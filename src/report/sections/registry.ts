import * as z from 'zod'
import type { CatalogFact } from '../../facts/registry.ts'

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
