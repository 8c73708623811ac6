import * as z from 'zod'
import { storageFaultsSchema } from './fault.ts'
import { storedImagesSchema } from './image.ts'
import { repairSchema } from './repair.ts'

/** What is wrong with a storage, and what can be done about it. */
export const judgedSchema = z.object({
  images: storedImagesSchema,
  faults: storageFaultsSchema,
  repair: repairSchema,
})
export type JudgedStorage = z.infer<typeof judgedSchema>
