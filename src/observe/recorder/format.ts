import * as z from 'zod'
import { remedySchema } from '../../core/remedy.ts'
import { type RunnerFact, runnerSchema } from '../../facts/runner.ts'

/** Names the format, so that a file of something else is told from a damaged one. */
export const formatName = 'regguard recording'
/** Goes up when this program can no longer read what an older one wrote as it stands. */
export const formatVersion = 2

/** What a recorded file holds. */
export const recordingSchema = z.object({
  format: z.literal(formatName),
  version: z.literal(formatVersion),
  facts: runnerSchema,
})

/** Only the names: of a recording that this program may be too old for. */
export const anyVersionSchema = z.object({ format: z.literal(formatName), version: z.number() })

/** Every word that the format itself has. A secret that happens to be one of them must not be taken out of a recording. */
export const vocabulary: ReadonlySet<string> = new Set(wordsIn(runnerSchema))

function wordsIn(schema: z.core.$ZodType): string[] {
  const inner: z.core.$ZodType[] = []
  if (schema instanceof z.ZodEnum || schema instanceof z.ZodLiteral)
    return (schema instanceof z.ZodEnum ? schema.options : [...schema.values]).map(String)
  if (schema instanceof z.ZodObject) inner.push(...Object.values(schema.shape))
  if (schema instanceof z.ZodDiscriminatedUnion || schema instanceof z.ZodUnion) inner.push(...schema.options)
  if (schema instanceof z.ZodArray) inner.push(schema.element)
  if (schema instanceof z.ZodExactOptional) inner.push(schema.unwrap())
  return inner.flatMap(wordsIn)
}

/**
 * A recording as the present format has it. Version 1 called remedies `needs`; nothing else was different.
 */
export function upgraded(recording: unknown): unknown {
  const named = anyVersionSchema.safeParse(recording)
  if (!named.success || named.data.version !== 1) return recording
  return renamed({ ...(recording as object), version: formatVersion })
}

function renamed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(renamed)
  if (typeof value !== 'object' || value === null) return value
  const { needs, ...rest } = value as Record<string, unknown>
  const isArea = 'seen' in rest && z.array(remedySchema).safeParse(needs).success
  const known = isArea ? { ...rest, remedies: needs } : value
  return Object.fromEntries(Object.entries(known).map(([key, one]) => [key, renamed(one)]))
}

/** What JSON leaves as it is, and a terminal obeys. */
const obeyed = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

/** The text of a recorded file. */
export function recordingText(facts: RunnerFact, indent?: number): string {
  const recording: z.infer<typeof recordingSchema> = { format: formatName, version: formatVersion, facts }
  const text = JSON.stringify(recording, undefined, indent)
  return text.replace(obeyed, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
