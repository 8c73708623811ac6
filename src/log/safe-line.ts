import { SGR_SOURCE, visibleControls } from './text.ts'

const COLOURS = `(?:${SGR_SOURCE})*`
const LEADING_COMMAND = new RegExp(`^((?:[\\s\\p{Cf}]|${SGR_SOURCE})*)(?=:${COLOURS}:)`, 'u')
const BRACKET_COMMAND = new RegExp(`(#${COLOURS}#)(?=${COLOURS}(?:\\[|vso\\[))`, 'giu')

/**
 * The last step before a physical line is written. Returns one line without control characters other than colour sequences,
 * in which no runner finds a command: neither one that expects it at the start of the line (Forgejo: `^::`, `^##\[`) nor
 * one that skips leading blanks or finds `##[` anywhere (GitHub). Text that would be a command stays readable:
 * `· ::set-env …`, `## [group]`.
 */
export function safeLine(line: string): string {
  return neutraliseBrackets(visibleControls(line)).replace(LEADING_COMMAND, '$1· ')
}

/** Breaks every `##[` and `##vso[` in a line with a space. */
export function neutraliseBrackets(line: string): string {
  return line.replace(BRACKET_COMMAND, '$1 ')
}
