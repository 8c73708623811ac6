import * as z from 'zod'

/** What a step of a repair does. */
export const repairActions = [
  'move-away',
  'restart',
  'mount-blob',
  'upload-blob',
  'put-manifest',
  'put-tag',
  'restart-again',
  'roll-back',
  'push-again',
] as const

const step = z.object({
  action: z.enum(repairActions),
  repository: z.string().exactOptional(),
  digest: z.string().exactOptional(),
  tag: z.string().exactOptional(),
  /** The digest whose file holds the data, if that is another one: a registry keeps what is named by SHA-512 under its SHA-256. */
  keptAs: z.string().exactOptional(),
  /** `mount-blob`: the repository that has the link. */
  from: z.string().exactOptional(),
  /** `move-away`: the data has another size than a manifest states, and was not hashed, so that the manifest may be wrong instead. */
  isUnproven: z.literal(true).exactOptional(),
  /** The media type of a manifest that is put. */
  mediaType: z.string().exactOptional(),
  /** How many bytes are sent. */
  bytes: z.number().min(0),
  /** The images that need it, as `repository:tag` or `repository@digest`. */
  images: z.array(z.string()),
})
export type RepairAction = (typeof repairActions)[number]
export type RepairStep = z.infer<typeof step>

/** The steps that repair what can be repaired, in the order in which they must be taken. */
export const repairSchema = z.object({
  steps: z.array(step),
  /** How many more steps there are. They show when these are done and the storage is scanned again. */
  more: z.int().min(0),
  /** What all listed steps send. */
  bytes: z.number().min(0),
})
export type RepairPlan = z.infer<typeof repairSchema>
