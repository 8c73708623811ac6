const ESCAPE = String.fromCharCode(0x1b)

/** The regular expression source of one SGR (colour) sequence, the only escape sequence a log may carry. */
export const SGR_SOURCE = `${ESCAPE}\\[[0-9;]{0,32}m`

const BIDI = '\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069'
const UNSAFE = new RegExp(`(${SGR_SOURCE})|[\\p{Cc}\\p{Zl}\\p{Zp}${BIDI}]`, 'gu')
const SGR = new RegExp(SGR_SOURCE, 'g')
const LINE_END = /\r\n|[\n\r\u2028\u2029]/

/**
 * Takes one line and gives it without C0 and C1 controls, bidi controls and U+2028/2029. Colour sequences stay,
 * a tab becomes two spaces. The rest becomes U+FFFD and is never dropped: dropping would join its neighbours
 * into a word that was not there, a command or a secret for example.
 */
export function visibleControls(line: string): string {
  return line
    .toWellFormed()
    .replace(UNSAFE, (found, colour: string | undefined) => colour ?? (found === '\t' ? '  ' : '\ufffd'))
}

/** Takes text and gives it without colour sequences. */
export function stripColour(text: string): string {
  return text.replace(SGR, '')
}

/** Takes text and gives its lines, wherever any reader of a log would start a new one. */
export function splitLines(text: string): string[] {
  return text.split(LINE_END)
}
