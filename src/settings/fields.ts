import * as z from 'zod'
import { holdsCommas, parseBytes, parseDuration, splitList } from './texts.ts'

/** What a setting is to the people who write it; goes to plugin.yml, action.yml and the tables. */
export interface SettingMeta {
  text: string
  /** Shown instead of the schema's own default, where that says more. */
  defaultText?: string
  secret?: boolean
  aliases?: string[]
  kind: string
  /** For a list setting: how one item looks. */
  example?: string
  /** The words that it, or each item of it, may be; every word is allowed where this is absent. */
  values?: readonly string[]
}

const meta = z.registry<SettingMeta>()

/** The description of a setting; throws for a schema that was never described (our own mistake). */
export function metaOf(schema: z.ZodType): SettingMeta {
  const found = meta.get(schema)
  if (!found) throw new Error('a setting has no description')
  return found
}

type Described = Omit<SettingMeta, 'kind' | 'values'>

const described = <T extends z.ZodType>(schema: T, kind: string, about: Omit<SettingMeta, 'kind'>): T => {
  meta.add(schema, { ...about, kind })
  return schema
}

/** A text, or undefined. */
export const text = (about: Described) => described(z.string().optional(), 'string', about)

/** `true`/`false` and the other words YAML people use. */
export const flag = (initial: boolean, about: Described) =>
  described(
    z
      .stringbool({ error: 'write true or false' })
      .optional()
      .transform((value) => value ?? initial),
    'boolean',
    { defaultText: String(initial), ...about },
  )

/** Like `flag`, for a name that a build plugin uses for an address: an address there is not meant for us. */
export const flagOrAddress = (about: Described) =>
  described(
    z
      .preprocess(
        (value) => (typeof value === 'string' && /[./:]/.test(value) ? undefined : value),
        z.stringbool({ error: 'write true or false' }).optional(),
      )
      .transform((value) => value ?? false),
    'boolean',
    { defaultText: 'false', ...about },
  )

/**
 * A list: a JSON array, or items separated by commas or newlines. Woodpecker joins a YAML list with
 * commas and escapes nothing, so an item can hold no comma.
 */
export const list = (about: Described) =>
  described(
    z
      .string()
      .refine(
        (value) => !holdsCommas(value),
        'has a comma inside an item, and a comma ends an item. Write one item each',
      )
      .optional()
      .transform((value) => (value === undefined ? [] : splitList(value))),
    'list',
    about,
  )

/** A list of some fixed words. */
export const words = <T extends string>(allowed: readonly T[], initial: readonly T[], about: Described) =>
  described(
    z
      .string()
      .optional()
      .transform((value, context): T[] => {
        if (value === undefined) return [...initial]
        const items = splitList(value)
        const bad = items.filter((item) => !(allowed as readonly string[]).includes(item))
        for (const item of bad) {
          context.addIssue({ code: 'custom', message: `“${item}” is none of ${allowed.join(', ')}` })
        }
        return items.filter((item): item is T => (allowed as readonly string[]).includes(item))
      }),
    'list',
    { defaultText: initial.join(','), ...about, values: allowed },
  )

/** One of some fixed words; `synonyms` are the words that other programs have for them. */
export const choice = <const T extends readonly [string, ...string[]]>(
  allowed: T,
  initial: T[number],
  about: Described,
  synonyms: Record<string, T[number]> = {},
) =>
  described(
    z
      .preprocess(
        (value) => (typeof value === 'string' && Object.hasOwn(synonyms, value) ? synonyms[value] : value),
        z.enum(allowed, { error: `must be one of ${allowed.join(', ')}` }).optional(),
      )
      .transform((value) => value ?? initial),
    'string',
    { defaultText: initial, ...about, values: allowed },
  )

/** A whole number within limits. */
export const whole = (min: number, max: number, initial: number, about: Described) =>
  described(
    z
      .string()
      .regex(/^\d+$/, `must be a whole number from ${min} to ${max}`)
      .optional()
      .transform((value) => (value === undefined ? initial : Number(value)))
      .refine((value) => value >= min && value <= max, `must be a whole number from ${min} to ${max}`),
    'number',
    { defaultText: String(initial), ...about },
  )

/** A span of time, in milliseconds: `30s`, `2m`, `1h`, `500ms`, or a number of seconds. */
export const duration = (minMs: number, initial: string, about: Described) =>
  described(
    z
      .string()
      .optional()
      .transform((value, context) => {
        const ms = parseDuration(value ?? initial)
        if (ms === undefined || ms < minMs || ms > 2 ** 31 - 1) {
          const least = minMs > 0 ? `, at least ${minMs / 1000} s` : ''
          context.addIssue({ code: 'custom', message: `must be a time like 30s, 2m or 1h${least}` })
          return z.NEVER
        }
        return ms
      }),
    'duration',
    { defaultText: initial, ...about },
  )

/** A span of time, in milliseconds, or undefined. */
export const span = (minMs: number, about: Described) =>
  described(
    z
      .string()
      .optional()
      .transform((value, context) => {
        if (value === undefined) return undefined
        const ms = parseDuration(value)
        if (ms !== undefined && ms >= minMs && ms < 2 ** 31) return ms
        context.addIssue({
          code: 'custom',
          message: `must be a time like 30s, 2m or 1h, at least ${minMs / 1000} s`,
        })
        return z.NEVER
      }),
    'duration',
    about,
  )

/** A number of bytes: `8MiB`, `500 MB`, `1048576`. */
export const bytes = (initial: string, about: Described) =>
  described(
    z
      .string()
      .optional()
      .transform((value, context) => {
        const found = parseBytes(value ?? initial)
        if (found === undefined) {
          context.addIssue({
            code: 'custom',
            message: 'must be a size like 256MiB, 1GB or a number of bytes',
          })
          return z.NEVER
        }
        return found
      }),
    'bytes',
    { defaultText: initial, ...about },
  )
