import * as z from 'zod'
import { areaSchema } from '../core/observed.ts'
import { forecastSchema } from './storage/forecast.ts'
import { hashesSchema } from './storage/hashes.ts'
import { judgedSchema } from './storage/judged.ts'
import { multipartSchema } from './storage/multipart.ts'
import { registryContainerSchema } from './storage/registry-container.ts'

const count = z.int().min(0)

const layout = z.object({
  /** Where the layout begins, from the root: `docker/registry/v2`, or empty if the root is that folder itself. */
  base: z.string(),
  /** The root belongs to a pull-through cache. */
  isCache: z.boolean(),
  /** The halves of the layout that do not exist. */
  lacks: z.array(z.enum(['blobs', 'repositories'])),
  /** Files and folders that only their owner may read, who is not the owner of most others; none where that is root, who may read all. */
  wrongOwner: z
    .object({
      /** The user that most data files belong to. */
      owner: z.int(),
      /** `first` are digests of data, and paths of links and folders from the beginning of the layout. */
      files: z.array(
        z.object({
          ...{ kind: z.enum(['data', 'link', 'folder']), uid: z.int(), count },
          first: z.array(z.string()),
        }),
      ),
    })
    .exactOptional(),
  /** How long reading took, in milliseconds. */
  readMs: z.number().min(0),
  counts: z.object({
    repositories: count,
    /** Tags with a current link. */
    tags: count,
    /** The manifests that a repository links, each counted once. */
    manifests: count,
    blobs: count,
    /** The sizes of all blobs, in bytes. */
    bytes: z.number().min(0),
    uploads: count,
  }),
})
/** What a storage holds, in numbers. */
export type LayoutFact = z.infer<typeof layout>

const unreadPlace = z.object({
  /** From the beginning of the layout. */
  path: z.string(),
  half: z.enum(['blobs', 'repositories']),
  /**
   * `permission`: this user may not read it. `symlink`: links are not followed. `disk`: the disk reported an error. `changing`: each
   * reading gave something else.
   */
  kind: z.enum(['permission', 'symlink', 'disk', 'changing', 'other']),
  why: z.string(),
})
/** Something in a storage that could not be read. */
export type UnreadPlace = z.infer<typeof unreadPlace>

const unread = z.object({
  /** How many there are, in each half and of each kind. */
  counts: z.object({
    ...{ blobs: count, repositories: count },
    ...{ permission: count, symlink: count, disk: count, changing: count, other: count },
  }),
  /** The first of each half. */
  places: z.array(unreadPlace),
})
/** Everything could be read. */
export const nothingUnread = (): z.infer<typeof unread> => ({
  counts: { blobs: 0, repositories: 0, permission: 0, symlink: 0, disk: 0, changing: 0, other: 0 },
  places: [],
})

/** All facts of a registry's storage. Lists hold what is wrong, and the first of many; what is well is counted. */
export const storageSchema = z.object({
  /** The folder that the setting `storage` names, as an absolute path, or the bucket. */
  root: z.string(),
  driver: z.enum(['filesystem', 's3']),
  /** Not seen if the root is no storage of a registry, or could not be listed. */
  layout: areaSchema(layout),
  /** What to do about a bucket that could not be read. */
  advice: z.string().exactOptional(),
  /** The run was stopped before the storage was read. */
  stopped: z.literal(true).exactOptional(),
  /** A folder nearby that is one, where the root is none. */
  instead: z.string().exactOptional(),
  /** What could not be read of it. */
  unread,
  /** What is wrong with what was read. */
  judged: judgedSchema.exactOptional(),
  /** What the next garbage collection does; only if the layout was seen. */
  forecast: forecastSchema.exactOptional(),
  /** What hashing showed; absent where nothing can be hashed. */
  hashes: areaSchema(hashesSchema).exactOptional(),
  /** The multipart uploads in the bucket; absent for a folder. */
  multipart: multipartSchema.exactOptional(),
  /** The container of the registry; absent if no engine answers. */
  registry: areaSchema(registryContainerSchema).exactOptional(),
})
export type StorageFact = z.infer<typeof storageSchema>
