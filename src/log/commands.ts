import type { AnnotationProperties } from './types.ts'

/**
 * Takes a command's name, its properties and its data, gives the workflow command without a line end:
 * `::name key=value,key=value::data`. Falsy properties are dropped. The form is that of @actions/core 3
 * (packages/core/src/command.ts).
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

/** Takes a command's data, gives it as one line: `%`, CR and LF escaped, as @actions/core does. */
export function escapeData(value: unknown): string {
  return toCommandValue(value).replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

/** Takes a property's value, gives it with `:` and `,` escaped as well, as @actions/core does. */
export function escapeProperty(value: unknown): string {
  return escapeData(value).replaceAll(':', '%3A').replaceAll(',', '%2C')
}

/** Takes any value, gives its text as @actions/core does: nothing for null, a string as it is, else JSON. */
export function toCommandValue(value: unknown): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}

/** Takes annotation properties, gives the command properties of @actions/core for them, without the falsy ones. */
export function annotationProperties(properties: AnnotationProperties): Record<string, string | number> {
  const { title, file, startLine, endLine, startColumn, endColumn } = properties
  const named = { title, file, line: startLine, endLine, col: startColumn, endColumn }
  return Object.fromEntries(
    Object.entries(named).filter((entry): entry is [string, string | number] => Boolean(entry[1])),
  )
}
