import * as z from 'zod'

const count = z.int().min(0)

/** A tag whose `current/link` names no manifest. */
const brokenTagSchema = z.object({
  repository: z.string(),
  tag: z.string(),
  /** `missing`: there is a folder of the tag without the file. */
  link: z.enum(['missing', 'empty', 'malformed']),
  /** What stands in a malformed link. */
  text: z.string().exactOptional(),
  /** What a push wrote last into the history of the tag, and whether it is whole or can be made so; `at` in milliseconds. */
  last: z.object({ digest: z.string(), at: z.number().exactOptional(), pullable: z.boolean() }).optional(),
  /** Instead of `last`, what it may have been, where the times in the history do not tell. */
  candidates: z.array(z.string()).exactOptional(),
})
export type BrokenTag = z.infer<typeof brokenTagSchema>

/** A link that does not consist of the digest in its path. */
const brokenLinkSchema = z.object({
  repository: z.string(),
  kind: z.enum(['revision', 'layer']),
  /** The digest in its path. */
  digest: z.string(),
  state: z.enum(['empty', 'malformed', 'other']),
  /** What stands in it instead. */
  text: z.string().exactOptional(),
  /** Its data exists. */
  hasData: z.boolean(),
})
export type BrokenLink = z.infer<typeof brokenLinkSchema>

/** A repository with manifests that were pushed, and without the folder of tags, `_manifests/tags`. */
const lostTagsSchema = z.object({
  repository: z.string(),
  /** How many manifests clients may ask for: those that no index lists. */
  images: count,
  /** The newest of them; `at` in milliseconds. */
  newest: z.array(z.object({ digest: z.string(), at: z.number() })),
})

/** A repository with layers that were pushed, and without manifests or the folder of them, `_manifests/revisions`. */
const lostManifestsSchema = z.object({
  repository: z.string(),
  /** How many layers and configurations it links whose data exists. */
  blobs: count,
  /** When the newest of them was written, in milliseconds. */
  newestAt: z.number(),
})

const listed = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item), more: count })

/** What is wrong with a storage beside its images. Of each list the first entries, with the number of the others. */
export const storageFaultsSchema = z.object({
  tags: listed(brokenTagSchema),
  lostTags: listed(lostTagsSchema),
  lostManifests: listed(lostManifestsSchema),
  links: listed(brokenLinkSchema),
  /** Links of blobs whose data is gone and that no image needs, by repository. */
  linksWithoutData: listed(z.object({ repository: z.string(), count })),
  /** Data that no repository names. */
  unreferenced: z.object({ count, bytes: z.number().min(0), first: z.array(z.string()) }),
  /** Data whose content is wrong, and that no manifest names. */
  corrupt: listed(z.object({ digest: z.string(), bytes: z.number().min(0) })),
  /** Files and folders that the layout does not have. Those named `data` stop a garbage collection. */
  foreign: listed(z.object({ path: z.string(), stopsCollection: z.boolean() })),
})
export type StorageFaults = z.infer<typeof storageFaultsSchema>
