import * as z from 'zod'
import { hasCommaInItem, parseBytes, parseDuration, splitList } from './texts.ts'

/** A setting as documented in plugin.yml, action.yml, `--help` and the settings tables. */
export interface SettingMeta {
  text: string
  /** The default as documented; may be a description instead of a value. */
  defaultText?: string
  secret?: boolean
  aliases?: string[]
  kind: string
  /** For a list: an example item. */
  example?: string
  /** The allowed values of the setting, or of each item of a list; absent if any value is allowed. */
  values?: readonly string[]
}

const meta = z.registry<SettingMeta>()

/** The metadata of a setting. Throws for a schema without any, which is a bug. */
export function metaOf(schema: z.ZodType): SettingMeta {
  const found = meta.get(schema)
  if (!found) throw new Error('a setting has no metadata')
  return found
}

type Described = Omit<SettingMeta, 'kind' | 'values'>

const described = <T extends z.ZodType>(schema: T, kind: string, about: Omit<SettingMeta, 'kind'>): T => {
  meta.add(schema, { ...about, kind })
  return schema
}

/** A string, or undefined. */
export const text = (about: Described) => described(z.string().optional(), 'string', about)

/** A boolean: `true`, `false` and the other spellings common in YAML. */
export const flag = (defaultValue: boolean, about: Described) =>
  described(
    z
      .stringbool({ error: 'must be true or false' })
      .optional()
      .transform((value) => value ?? defaultValue),
    'boolean',
    { defaultText: String(defaultValue), ...about },
  )

/** Like `flag`, for a name that build plugins use for an address. An address counts as unset. */
export const flagOrAddress = (about: Described) =>
  described(
    z
      .preprocess(
        (value) => (typeof value === 'string' && /[./:]/.test(value) ? undefined : value),
        z.stringbool({ error: 'must be true or false' }).optional(),
      )
      .transform((value) => value ?? false),
    'boolean',
    { defaultText: 'false', ...about },
  )

/**
 * A list: a JSON array, or items separated by commas or newlines. Woodpecker joins a YAML list with commas without escaping, so
 * an item cannot contain a comma.
 */
export const list = (about: Described) =>
  described(
    z
      .string()
      .refine(
        (value) => !hasCommaInItem(value),
        'has an item with a comma in it, but commas separate items. Write each item on its own',
      )
      .optional()
      .transform((value) => (value === undefined ? [] : splitList(value))),
    'list',
    about,
  )

/** A list of values from a fixed set. */
export const choices = <T extends string>(allowed: readonly T[], defaults: readonly T[], about: Described) =>
  described(
    z
      .string()
      .optional()
      .transform((value, context): T[] => {
        if (value === undefined) return [...defaults]
        const items = splitList(value)
        const invalid = items.filter((item) => !(allowed as readonly string[]).includes(item))
        for (const item of invalid) {
          context.addIssue({
            code: 'custom',
            message: `contains “${item}”, which is not one of ${allowed.join(', ')}`,
          })
        }
        return items.filter((item): item is T => (allowed as readonly string[]).includes(item))
      }),
    'list',
    { defaultText: defaults.join(','), ...about, values: allowed },
  )

/** One value from a fixed set. `synonyms` maps values that other programs use to ours. */
export const choice = <const T extends readonly [string, ...string[]]>(
  allowed: T,
  defaultValue: T[number],
  about: Described,
  synonyms: Record<string, T[number]> = {},
) =>
  described(
    z
      .preprocess(
        (value) => (typeof value === 'string' && Object.hasOwn(synonyms, value) ? synonyms[value] : value),
        z.enum(allowed, { error: `must be one of ${allowed.join(', ')}` }).optional(),
      )
      .transform((value) => value ?? defaultValue),
    'string',
    { defaultText: defaultValue, ...about, values: allowed },
  )

/** An integer from `min` to `max`. */
export const integer = (min: number, max: number, defaultValue: number, about: Described) =>
  described(
    z
      .string()
      .regex(/^\d+$/, `must be an integer from ${min} to ${max}`)
      .optional()
      .transform((value) => (value === undefined ? defaultValue : Number(value)))
      .refine((value) => value >= min && value <= max, `must be an integer from ${min} to ${max}`),
    'number',
    { defaultText: String(defaultValue), ...about },
  )

/** An integer from `min` to `max`, or undefined. */
export const optionalInteger = (min: number, max: number, about: Described) =>
  described(
    z
      .string()
      .regex(/^\d+$/, `must be an integer from ${min} to ${max}`)
      .transform(Number)
      .refine((value) => value >= min && value <= max, `must be an integer from ${min} to ${max}`)
      .optional(),
    'number',
    about,
  )

/** A duration, in milliseconds: `30s`, `2m`, `1h`, `500ms`, or a number of seconds. */
export const duration = (minMs: number, defaultValue: string, about: Described) =>
  described(
    z
      .string()
      .optional()
      .transform((value, context) => {
        const ms = parseDuration(value ?? defaultValue)
        if (ms === undefined || ms < minMs || ms > 2 ** 31 - 1) {
          const minimum = minMs > 0 ? `, at least ${minMs / 1000} s` : ''
          context.addIssue({ code: 'custom', message: `must be a duration like 30s, 2m or 1h${minimum}` })
          return z.NEVER
        }
        return ms
      }),
    'duration',
    { defaultText: defaultValue, ...about },
  )

/** A duration, in milliseconds, or undefined. */
export const optionalDuration = (minMs: number, about: Described) =>
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
          message: `must be a duration like 30s, 2m or 1h, at least ${minMs / 1000} s`,
        })
        return z.NEVER
      }),
    'duration',
    about,
  )

/** A size, in bytes: `8MiB`, `500 MB`, `1048576`. */
export const bytes = (defaultValue: string, about: Described) =>
  described(
    z
      .string()
      .optional()
      .transform((value, context) => {
        const found = parseBytes(value ?? defaultValue)
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
    { defaultText: defaultValue, ...about },
  )

/** An amount of work: a size, in bytes, or a time, in milliseconds. `m` means minutes, so a size needs its B. */
export const budget = (about: Described) =>
  described(
    z
      .string()
      .optional()
      .transform((value, context): { bytes: number } | { ms: number } | undefined => {
        if (value === undefined) return undefined
        const size = /b$/i.test(value.trim()) ? parseBytes(value) : undefined
        if (size !== undefined && size > 0) return { bytes: size }
        const ms = /[a-z]$/.test(value.trim()) ? parseDuration(value) : undefined
        if (ms !== undefined && ms > 0) return { ms }
        context.addIssue({ code: 'custom', message: 'must be a size like 200GB, or a time like 30m or 2h' })
        return z.NEVER
      }),
    'string',
    about,
  )

/** Bytes a second: `50MB`, `50MB/s`; or undefined. */
export const rate = (about: Described) =>
  described(
    z
      .string()
      .optional()
      .transform((value, context) => {
        if (value === undefined) return undefined
        const size = parseBytes(value.replace(/\/s$/, ''))
        if (size !== undefined && size > 0) return size
        context.addIssue({ code: 'custom', message: 'must be an amount of data in a second, like 50MB' })
        return z.NEVER
      }),
    'string',
    about,
  )
