import * as z from 'zod'
import { remedySchema } from '../../core/remedy.ts'
import { type RunnerFact, runnerSchema } from '../../facts/runner.ts'

/** Identifies the format, so that a different file is not taken for a damaged recording. */
const formatName = 'regguard recording'
/** Incremented whenever a recording of an older version has to be upgraded before it can be read. */
export const formatVersion = 2

/** The contents of a recorded file. */
export const recordingSchema = z.object({
  format: z.literal(formatName),
  version: z.literal(formatVersion),
  facts: runnerSchema,
})

/** Only format and version: for a recording that this program may be too old to read. */
export const anyVersionSchema = z.object({ format: z.literal(formatName), version: z.number() })

/** Every string that the format itself uses as a value. A secret equal to one of them must not be removed from a recording. */
export const vocabulary: ReadonlySet<string> = new Set(wordsIn(runnerSchema))

function wordsIn(schema: z.core.$ZodType): string[] {
  const innerSchemas: z.core.$ZodType[] = []
  if (schema instanceof z.ZodEnum || schema instanceof z.ZodLiteral)
    return (schema instanceof z.ZodEnum ? schema.options : [...schema.values]).map(String)
  if (schema instanceof z.ZodObject) innerSchemas.push(...Object.values(schema.shape))
  if (schema instanceof z.ZodDiscriminatedUnion || schema instanceof z.ZodUnion)
    innerSchemas.push(...schema.options)
  if (schema instanceof z.ZodArray) innerSchemas.push(schema.element)
  if (schema instanceof z.ZodExactOptional) innerSchemas.push(schema.unwrap())
  return innerSchemas.flatMap(wordsIn)
}

/**
 * A recording in the current format. Version 1 called remedies `needs`; nothing else changed.
 */
export function upgrade(recording: unknown): unknown {
  const header = anyVersionSchema.safeParse(recording)
  if (!header.success || header.data.version !== 1) return recording
  return renameNeeds({ ...(recording as object), version: formatVersion })
}

function renameNeeds(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(renameNeeds)
  if (typeof value !== 'object' || value === null) return value
  const { needs, ...rest } = value as Record<string, unknown>
  const isArea = 'seen' in rest && z.array(remedySchema).safeParse(needs).success
  const upgraded = isArea ? { ...rest, remedies: needs } : value
  return Object.fromEntries(Object.entries(upgraded).map(([key, one]) => [key, renameNeeds(one)]))
}

/** Characters that JSON does not escape and a terminal interprets. */
const terminalControls = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

/** The contents of a recorded file as text. */
export function recordingText(facts: RunnerFact, indent?: number): string {
  const recording: z.infer<typeof recordingSchema> = { format: formatName, version: formatVersion, facts }
  const text = JSON.stringify(recording, undefined, indent)
  return text.replace(terminalControls, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
