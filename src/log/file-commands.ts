import { randomUUID } from 'node:crypto'
import { toCommandValue } from './commands.ts'

/** The file for outputs, and the source of unique delimiters (default: random UUIDs). */
export type KeyValueFile = {
  path: string
  appendFile(path: string, text: string): void
  newId?: () => string
}

/** Appends one output to a file in the format of @actions/core's file commands. */
export function appendKeyValue(file: KeyValueFile, name: string, value: unknown): void {
  const newId = file.newId ?? randomUUID
  file.appendFile(file.path, formatKeyValue(name, value, `ghadelimiter_${newId()}`))
}

/**
 * Formats an output as `NAME<<DELIMITER\nVALUE\nDELIMITER\n`. Throws if the name or the value contains the delimiter
 * (@actions/core's rule), or if the name contains anything from which the runner would read a different name: a line
 * ending, `=` or `<<`.
 */
export function formatKeyValue(name: string, value: unknown, delimiter: string): string {
  const text = toCommandValue(value)
  if (name.includes(delimiter))
    throw new Error(`An output's name must not contain its delimiter ${delimiter}.`)
  if (text.includes(delimiter))
    throw new Error(`An output's value must not contain its delimiter ${delimiter}.`)
  if (!/^[\w.-]+$/.test(name)) throw new Error(`${JSON.stringify(name)} is not a name for an output.`)
  return `${name}<<${delimiter}\n${text}\n${delimiter}\n`
}
