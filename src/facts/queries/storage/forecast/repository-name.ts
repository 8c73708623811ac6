import type { GcVersion } from './collection.ts'

const domainPart = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])'
const domain = `${domainPart}(?:\\.${domainPart})*(?::[0-9]+)?`
const part = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*'
const grammar = new RegExp(`^(?:${domain}/)?(${part}(?:/${part})*)$`)
const maxLength = 255

/**
 * Whether a collection accepts the name of a folder as the name of a repository (`reference.WithName`). The first part of a name
 * with several may be a host name, so that it may have capitals. Version 3 does not count it to the length.
 */
export function isRepositoryName(version: GcVersion, name: string): boolean {
  const path = grammar.exec(name)?.[1]
  return path !== undefined && (version === '2.8' ? name : path).length <= maxLength
}
