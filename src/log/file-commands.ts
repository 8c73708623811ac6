import { randomUUID } from 'node:crypto'
import { toCommandValue } from './commands.ts'

/** Where a key and its value go, and what makes the delimiter unique (a random UUID unless told). */
export type KeyValueFile = {
  path: string
  appendFile(path: string, text: string): void
  newId?: () => string
}

/** Takes a file for outputs and appends one output in the form of @actions/core's file commands. */
export function appendKeyValue(file: KeyValueFile, name: string, value: unknown): void {
  const newId = file.newId ?? randomUUID
  file.appendFile(file.path, formatKeyValue(name, value, `ghadelimiter_${newId()}`))
}

/**
 * Takes a name, a value and a delimiter, gives `NAME<<DELIMITER\nVALUE\nDELIMITER\n`.
 * Throws when the name or the value contains the delimiter (@actions/core's rule), and when the name holds
 * anything that would make the runner read another name from this line: a line end, `=` or `<<`.
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
