import * as z from 'zod'
import { type Report, reportSchema } from '../../src/report/schema.ts'

interface JsonSchema {
  type?: string
  enum?: unknown[]
  const?: unknown
  format?: string
  properties?: Record<string, JsonSchema>
  items?: JsonSchema
  anyOf?: JsonSchema[]
  oneOf?: JsonSchema[]
}

const schema = z.toJSONSchema(reportSchema) as JsonSchema

/**
 * A report in which every field that may hold any text holds one of these, one after the other: by the schema, so that none is
 * forgotten. Dates and words of a fixed list stay.
 */
export function poisonedEverywhere(report: Report, texts: readonly string[]): Report {
  let at = 0
  const walk = (value: unknown, of: JsonSchema): unknown => {
    if (Array.isArray(value)) return value.map((item) => walk(item, of.items ?? {}))
    if (typeof value === 'object' && value !== null) {
      const own = variantOf(value, of)
      return Object.fromEntries(
        Object.entries(value).map(([name, inner]) => [name, walk(inner, own.properties?.[name] ?? {})]),
      )
    }
    if (typeof value !== 'string' || of.type !== 'string' || of.enum || of.const !== undefined || of.format)
      return value
    at += 1
    return texts[(at - 1) % texts.length]
  }
  return walk(report, schema) as Report
}

/** The variant of a union that a value has: the one whose constants it holds. */
function variantOf(value: object, of: JsonSchema): JsonSchema {
  const fits = ({ properties = {} }: JsonSchema) =>
    Object.entries(properties).every(
      ([name, { const: constant }]) => constant === undefined || Reflect.get(value, name) === constant,
    )
  return (of.oneOf ?? of.anyOf)?.find(fits) ?? of
}
