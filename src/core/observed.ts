import * as z from 'zod'
import { type Failure, failureSchema } from './failure.ts'
import { type Remedy, remedySchema } from './remedy.ts'

/** Something requested from a server: seen, with its value, or not seen, with the reason. */
export type Observed<T> = { seen: true; value: T } | { seen: false; why: Failure }

/** A seen observation. */
export const seen = <T>(value: T): Observed<T> => ({ seen: true, value })

/** A not-seen observation. */
export const unseen = <T>(why: Failure): Observed<T> => ({ seen: false, why })

/**
 * One area inspected on a host: seen, with its value and the source it was read from, or not seen, with the reason and what would
 * make it possible (any one of `remedies` is enough). `applies` is false if the area does not exist on this kind of host, so that
 * nothing is missing.
 */
export type Area<T> =
  | { seen: true; value: T; from: string }
  | { seen: false; why: string; remedies: Remedy[]; applies: boolean }

/** The value of an observation; undefined if it was not seen. */
export const seenIn = <T>(observed: { seen: true; value: T } | { seen: false }): T | undefined =>
  observed.seen ? observed.value : undefined

/** The schema of an observation, from that of its value. */
export const observedSchema = <T extends z.ZodType>(value: T) =>
  z.discriminatedUnion('seen', [
    z.object({ seen: z.literal(true), value }),
    z.object({ seen: z.literal(false), why: failureSchema }),
  ])

/** The schema of an area, from that of its value. */
export const areaSchema = <T extends z.ZodType>(value: T) =>
  z.discriminatedUnion('seen', [
    z.object({ seen: z.literal(true), value, from: z.string() }),
    z.object({
      seen: z.literal(false),
      why: z.string(),
      remedies: z.array(remedySchema),
      applies: z.boolean(),
    }),
  ])
