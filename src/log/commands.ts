import type { AnnotationProperties } from './types.ts'

/**
 * Formats a workflow command without a line ending: `::name key=value,key=value::data`. Falsy properties are dropped. The
 * format is that of @actions/core 3 (packages/core/src/command.ts).
 */
export function formatCommand(
  name: string,
  properties: Readonly<Record<string, unknown>>,
  data: unknown,
): string {
  const pairs = Object.entries(properties)
    .filter(([, value]) => Boolean(value))
    .map(([key, value]) => `${key}=${escapeProperty(value)}`)
  return `::${name}${pairs.length > 0 ? ' ' : ''}${pairs.join(',')}::${escapeData(data)}`
}

/** Escapes `%`, CR and LF in a command's data, as @actions/core does. */
export function escapeData(value: unknown): string {
  return toCommandValue(value).replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

/** Escapes a property's value: also `:` and `,`, as @actions/core does. */
export function escapeProperty(value: unknown): string {
  return escapeData(value).replaceAll(':', '%3A').replaceAll(',', '%2C')
}

/** Converts a value to text as @actions/core does: empty for null and undefined, a string unchanged, else JSON. */
export function toCommandValue(value: unknown): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}

/** The command properties of @actions/core for an annotation, without falsy ones. */
export function annotationProperties(properties: AnnotationProperties): Record<string, string | number> {
  const { title, file, startLine, endLine, startColumn, endColumn } = properties
  const named = { title, file, line: startLine, endLine, col: startColumn, endColumn }
  return Object.fromEntries(
    Object.entries(named).filter((entry): entry is [string, string | number] => Boolean(entry[1])),
  )
}
