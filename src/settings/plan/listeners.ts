import { isIP } from 'node:net'

/** A port that must answer: on a host of its own, or, without one, on the machine that the run is on. */
export interface Listener {
  /** A name or an address, without brackets. */
  host?: string
  port: number
}

/** What is wrong with an item of `listeners`, for the message of a settings mistake. */
export const listenerProblem = 'must be a port (22, :22) or a host and a port (10.0.0.5:6443, [fd00::5]:22)'

/** How `ss` writes an address that stands for all of a machine's. */
const everyAddress = new Set(['', '*', '0.0.0.0', '::'])

/**
 * Reads an item of the setting `listeners`; undefined for what is none. `22`, `:22`, and `*:22` as `ss` prints it, mean
 * the machine itself.
 */
export function parseListener(text: string): Listener | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]:|([^:[\]]*):|)(\d{1,5})$/i.exec(text.trim())
  if (!match) return undefined
  const [, literal, name = '', digits] = match
  const port = Number(digits)
  if (port < 1 || port > 65_535) return undefined
  if (literal !== undefined && isIP(literal) !== 6) return undefined
  const host = (literal ?? name).toLowerCase()
  if (everyAddress.has(host)) return { port }
  return literal !== undefined || isIP(host) === 4 || isHostName(host) ? { host, port } : undefined
}

/** RFC 1123, section 2.1. A name of digits and dots alone is a mistyped address. */
const isHostName = (name: string): boolean =>
  name.length <= 253 &&
  !/^[\d.]+$/.test(name) &&
  name.split('.').every((label) => /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label))
