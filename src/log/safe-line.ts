import { SGR_SOURCE, visibleControls } from './text.ts'

const COLOURS = `(?:${SGR_SOURCE})*`
const LEADING_COMMAND = new RegExp(`^((?:[\\s\\p{Cf}]|${SGR_SOURCE})*)(?=:${COLOURS}:)`, 'u')
const BRACKET_COMMAND = new RegExp(`(#${COLOURS}#)(?=${COLOURS}(?:\\[|vso\\[))`, 'giu')

/**
 * The last guard on a physical line before it is written. Takes any text, gives one line that carries no control
 * character but colour sequences and that no runner obeys: not the one that wants a command at the very start
 * (Forgejo: `^::`, `^##\[`), not the one that skips leading blanks or finds `##[` anywhere (GitHub).
 * Text that would be a command stays readable: `· ::set-env …`, `## [group]`.
 */
export function safeLine(line: string): string {
  return neutraliseBrackets(visibleControls(line)).replace(LEADING_COMMAND, '$1· ')
}

/** Takes one line and gives it with every `##[` and `##vso[` broken by a space. */
export function neutraliseBrackets(line: string): string {
  return line.replace(BRACKET_COMMAND, '$1 ')
}
