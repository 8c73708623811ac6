import * as z from 'zod'
import { repairCommand } from '../../explain/storage/commands.ts'
import type { RepairPlace } from '../../explain/storage/place.ts'
import { type Damage, outcomes } from '../../facts/storage/image.ts'
import { repairActions } from '../../facts/storage/repair.ts'
import type { StorageFact } from '../../facts/storage.ts'
import { reportDryRunSchema, reportForecast, reportForecastSchema } from './storage-forecast.ts'

const count = z.int().min(0)

const damage = z.object({
  digest: z.string(),
  role: z.string(),
  place: z
    .string()
    .describe(
      '`link`, `data`, `document` (its bytes are no manifest) or `descriptor` (a manifest states a wrong size).',
    ),
  state: z.string(),
  why: z.string().optional().describe('Why its bytes are no manifest.'),
})

const images = z.object({
  tagged: count.describe('Manifests that tags point to.'),
  whole: count.describe('Those that can be pulled from what is on disk.'),
  unknown: count.describe('Those of which something could not be read.'),
  broken: z
    .array(
      z.object({
        repository: z.string(),
        digest: z.string(),
        tags: z.array(z.string()),
        outcome: z
          .enum(outcomes)
          .describe(
            'What can be done with what is on disk: `restore` it wholly, `restore-platforms` that are restorable, `roll-back` the tag, or only `rebuild`; a pull-through cache will `fetch-again`.',
          ),
        rollBacks: z
          .array(
            z.object({
              ...{ tag: z.string(), digest: z.string() },
              others: z.array(z.string()).optional().describe('As new, as far as the times tell.'),
            }),
          )
          .describe('For each tag the newest digest in its history that is whole.'),
        damage: z.array(damage).describe('That of the manifest itself.'),
        platforms: z
          .array(
            z.object({
              ...{ platform: z.string(), digest: z.string(), state: z.string(), restorable: z.boolean() },
              damage: z.array(damage),
            }),
          )
          .describe('Those that are not whole.'),
      }),
    )
    .describe('Images that are not whole; tagged ones first, at most 200.'),
  more: count.describe('How many more are broken.'),
})

const repair = z.object({
  steps: z
    .array(
      z.object({
        action: z.enum(repairActions),
        command: z
          .string()
          .optional()
          .describe('For a POSIX shell on the registry\u2019s host; absent where a build does it.'),
        writes: z.string().describe('What it changes.'),
        bytes: z.number().min(0).describe('What it sends.'),
        images: z
          .array(z.string())
          .describe('The images that need it; the first 20, but all that a restart is for.'),
      }),
    )
    .describe(
      'To be taken in this order, before the next garbage collection. `REGISTRY` stands for the URL of the registry where `registry` is not set, `registry` in “docker restart” for the name of its container where no engine told it; where it asks for a login, curl needs `-u USER`. Nothing was executed.',
    ),
  more: count.describe('Further steps, which show in the next scan.'),
  bytes: z.number().min(0).describe('What all steps send.'),
})

const sum = z.object({ count, bytes: z.number().min(0) })

const hashes = z.object({
  full: z
    .boolean()
    .describe('All data was to be hashed (`hash: true`), not only manifests and configurations.'),
  hashed: sum.describe('Hashed in this run.'),
  known: sum.describe('Hashed in an earlier run, and unchanged since.'),
  left: sum.describe('Not hashed yet, of a full pass.'),
  oldest: z.iso
    .datetime()
    .optional()
    .describe('When the data was hashed that was hashed longest ago, once none is left.'),
  wrong: z
    .array(z.object({ digest: z.string(), actual: z.string(), size: z.number() }))
    .describe('Data whose content has another digest; at most 200.'),
  moreWrong: count,
  sparse: z
    .object({ count, first: z.array(z.string()) })
    .optional()
    .describe(
      'Data files with holes, as if a part had never been written, or on a file system that compresses; the first of them. Absent if there are none.',
    ),
  why: z.string().optional().describe('Why nothing was hashed.'),
})

export const reportStorageSchema = z.object({
  root: z.string().describe('The folder that the setting `storage` names, or the bucket.'),
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
  images: images.optional().describe('What can be pulled.'),
  repair: repair.optional().describe('How to repair what can be repaired.'),
  hashes: hashes.optional().describe('What hashing showed.'),
  forecast: z.array(reportForecastSchema).optional().describe('What the next garbage collection does.'),
  dryRun: reportDryRunSchema
    .optional()
    .describe('How the dry run of `forecast_check` compares with the forecast.'),
  unread: z.object({
    count: count.describe('Files and folders that could not be read.'),
    places: z.array(z.object({ path: z.string(), why: z.string() })).describe('The first of them.'),
  }),
})

type ReportStorage = z.infer<typeof reportStorageSchema>

/** What a storage holds, what of it can be pulled and repaired, and what could not be read. */
export function reportStorage(fact: StorageFact, place: RepairPlace): ReportStorage {
  const { root, driver, layout, unread } = fact
  return {
    ...{ root, driver },
    ...(layout.seen
      ? {
          state: 'inspected',
          isCache: layout.value.isCache,
          counts: layout.value.counts,
          readMs: layout.value.readMs,
          ...reportForecast(fact),
          ...reportJudged(fact, place),
        }
      : { state: 'not inspected', why: layout.why }),
    ...(fact.hashes ? { hashes: reportHashes(fact.hashes) } : {}),
    unread: {
      count: unread.counts.blobs + unread.counts.repositories,
      places: unread.places.map(({ path, why }) => ({ path, why })),
    },
  }
}

function reportHashes(found: NonNullable<StorageFact['hashes']>): z.infer<typeof hashes> {
  const none = { count: 0, bytes: 0 }
  if (!found.seen)
    return { full: true, hashed: none, known: none, left: none, wrong: [], moreWrong: 0, why: found.why }
  const { isFull, hashed, known, left, oldestAt, wrong, moreWrong, sparse } = found.value
  return {
    ...{ full: isFull, hashed, known, left, moreWrong },
    ...(oldestAt === undefined ? {} : { oldest: new Date(oldestAt).toISOString() }),
    wrong: wrong.map(({ digest, actual, size }) => ({ digest, actual, size })),
    ...(sparse.count > 0 ? { sparse } : {}),
  }
}

function reportJudged({ judged }: StorageFact, place: RepairPlace): Pick<ReportStorage, 'images' | 'repair'> {
  if (!judged) return {}
  const { tagged, whole, unknown, broken, more } = judged.images
  return {
    images: {
      ...{ tagged, whole, unknown, more },
      broken: broken.map(({ repository, digest, tags, outcome, rollBacks, top, platforms }) => ({
        ...{ repository, digest, tags, outcome },
        rollBacks: rollBacks.map(({ tag, digest: of, others }) => ({
          ...{ tag, digest: of },
          ...(others === undefined ? {} : { others }),
        })),
        damage: top.map(damageShown),
        platforms: platforms.map(({ damage: found, platform, digest: of, state, restorable }) => ({
          ...{ platform, digest: of, state, restorable },
          damage: found.map(damageShown),
        })),
      })),
    },
    repair: {
      steps: judged.repair.steps.map((step) => ({
        action: step.action,
        ...repairCommand(step, place),
        bytes: step.bytes,
        images: step.action.startsWith('restart') ? step.images : step.images.slice(0, maxImages),
      })),
      ...{ more: judged.repair.more, bytes: judged.repair.bytes },
    },
  }
}

/** So many images of a step are listed. */
const maxImages = 20

const damageShown = ({ digest, role, place, state, why }: Damage) => ({
  ...{ digest, role, place, state },
  ...(why === undefined ? {} : { why }),
})
