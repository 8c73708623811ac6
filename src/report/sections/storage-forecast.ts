import * as z from 'zod'
import { gcVersions } from '../../facts/queries/storage/forecast/collection.ts'
import { type DryRunComparison, type ImageLoss, likelihoods } from '../../facts/storage/forecast.ts'
import type { StorageFact } from '../../facts/storage.ts'

const count = z.int().min(0)

export const reportForecastSchema = z.object({
  version: z.enum(gcVersions),
  deleteUntagged: z.boolean().describe('With `--delete-untagged`.'),
  likelihood: z
    .enum(likelihoods)
    .describe(
      '`expected` by the settings; `possible`, as they say nothing of `--delete-untagged`; for `comparison` only.',
    ),
  partial: z
    .literal(true)
    .optional()
    .describe(
      'A part of the storage was not read: what is lost of the rest may be kept where that part needs it, and of the part itself nothing is told.',
    ),
  aborts: count.describe('Places at which it stops.'),
  breaks: count.describe('Tagged images that can be pulled now, and cannot afterwards.'),
  losesRepair: count.describe('Tagged images that are broken now, and lose what is left of them.'),
  emptied: count.describe('Repositories without tags that lose their blobs.'),
  referrers: count.describe('Images that stay, and lose signatures, SBOMs or attestations.'),
  revisions: count.describe('Manifests without a tag that it removes.'),
  layerLinks: count.describe('Links of layers that it removes.'),
  blobs: count.describe('Blobs that it deletes.'),
  bytes: z.number().min(0).describe('What that frees.'),
  byRepository: z
    .array(z.object({ repository: z.string(), blobs: count, bytes: z.number().min(0) }))
    .describe('Where; the largest first, each blob counted once.'),
  images: z
    .array(
      z.object({
        repository: z.string(),
        digest: z.string(),
        tags: z.array(z.string()).describe('The first of them.'),
        harm: z
          .enum(['breaks', 'loses-repair'])
          .describe('`loses-repair`: it is broken now, and loses what is left of it.'),
        platforms: count.describe('How many of its platforms are harmed, of how many.'),
        of: count,
      }),
    )
    .optional()
    .describe('The images behind `breaks` and `losesRepair`; at most 100 of each.'),
})

export const reportDryRunSchema = z.object({
  state: z.enum(['unusable', 'agrees', 'differs']),
  deletions: count.optional().describe('Those that both name.'),
})

interface ReportForecast {
  forecast?: z.infer<typeof reportForecastSchema>[]
  dryRun?: z.infer<typeof reportDryRunSchema>
}

/** So many repositories are named. */
const maxRepositories = 20
/** So many images of each kind. */
const maxImages = 100

/** What the next garbage collections do, in numbers; findings have the details. */
export function reportForecast({ forecast }: StorageFact): ReportForecast {
  if (!forecast) return {}
  const { runs, dryRun } = forecast
  return {
    forecast: runs.map(({ version, deleteUntagged, likelihood, removed, freed, ...run }) => ({
      ...{ version, deleteUntagged, likelihood },
      ...(run.isPartial ? { partial: true as const } : {}),
      ...{ aborts: run.aborts.total, breaks: run.breaks.total, losesRepair: run.losesRepair.total },
      ...{ emptied: run.emptied.total, referrers: run.referrers.total },
      ...{ revisions: removed.revisions, layerLinks: removed.layerLinks },
      ...{ blobs: freed.blobs, bytes: freed.bytes },
      byRepository: freed.byRepository.first.slice(0, maxRepositories),
      images: [
        ...run.breaks.first.slice(0, maxImages).map((image) => harmed(image, 'breaks')),
        ...run.losesRepair.first.slice(0, maxImages).map((image) => harmed(image, 'loses-repair')),
      ],
    })),
    ...(dryRun ? { dryRun: reportDryRun(dryRun) } : {}),
  }
}

const harmed = <H extends string>({ repository, digest, tags, platforms, of }: ImageLoss, harm: H) => ({
  ...{ repository, digest, tags: tags.first, harm },
  ...{ platforms: platforms.total, of },
})

function reportDryRun(dryRun: DryRunComparison): z.infer<typeof reportDryRunSchema> {
  if (dryRun.state === 'unusable') return { state: 'unusable' }
  const { same, onlyDryRun, onlyForecast } = dryRun
  const agrees = onlyDryRun.total + onlyForecast.total === 0
  return { state: agrees ? 'agrees' : 'differs', deletions: same }
}
