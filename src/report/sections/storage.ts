import * as z from 'zod'
import type { StorageFact } from '../../facts/storage.ts'

const count = z.int().min(0)

export const reportStorageSchema = z.object({
  root: z.string().describe('As the setting `storage` names it.'),
  driver: z.enum(['filesystem', 's3']),
  state: z.enum(['inspected', 'not inspected']),
  why: z.string().optional().describe('Why it was not inspected.'),
  isCache: z.boolean().optional().describe('It belongs to a pull-through cache.'),
  counts: z
    .object({
      repositories: count,
      tags: count,
      manifests: count.describe('Manifests that a repository links, each counted once.'),
      blobs: count,
      bytes: z.number().min(0).describe('The sizes of all blobs.'),
      uploads: count.describe('Uploads that were not completed.'),
    })
    .optional(),
  readMs: z.number().min(0).optional().describe('How long reading took.'),
  unread: z.object({
    count: count.describe('Files and folders that could not be read.'),
    places: z.array(z.object({ path: z.string(), why: z.string() })).describe('The first of them.'),
  }),
})

type ReportStorage = z.infer<typeof reportStorageSchema>

/** What a storage holds, in numbers, and what could not be read of it. */
export function reportStorage({ root, driver, layout, unread }: StorageFact): ReportStorage {
  return {
    ...{ root, driver },
    ...(layout.seen
      ? {
          state: 'inspected',
          isCache: layout.value.isCache,
          counts: layout.value.counts,
          readMs: layout.value.readMs,
        }
      : { state: 'not inspected', why: layout.why }),
    unread: {
      count: unread.counts.blobs + unread.counts.repositories,
      places: unread.places.map(({ path, why }) => ({ path, why })),
    },
  }
}
