import { isIP } from 'node:net'

/** A port that must answer: on the given host, or on the machine that runs this step. */
export interface Listener {
  /** A name or an IP address, without brackets. */
  host?: string
  port: number
}

/** The message for an invalid item of `listeners`. */
export const listenerProblem = 'must be a port (22, :22) or a host and a port (10.0.0.5:6443, [fd00::5]:22)'

/** How `ss` prints the wildcard address. */
const wildcardHosts = new Set(['', '*', '0.0.0.0', '::'])

/**
 * Parses an item of the setting `listeners`; undefined if it is invalid. `22`, `:22` and `*:22` (as `ss` prints it) mean the
 * machine itself.
 */
export function parseListener(text: string): Listener | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]:|([^:[\]]*):|)(\d{1,5})$/i.exec(text.trim())
  if (!match) return undefined
  const [, literal, name = '', digits] = match
  const port = Number(digits)
  if (port < 1 || port > 65_535) return undefined
  if (literal !== undefined && isIP(literal) !== 6) return undefined
  const host = (literal ?? name).toLowerCase()
  if (wildcardHosts.has(host)) return { port }
  return literal !== undefined || isIP(host) === 4 || isHostName(host) ? { host, port } : undefined
}

/** RFC 1123, section 2.1. A name of only digits and dots is a mistyped IP address. */
const isHostName = (name: string): boolean =>
  name.length <= 253 &&
  !/^[\d.]+$/.test(name) &&
  name.split('.').every((label) => /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label))
