const ESCAPE = String.fromCharCode(0x1b)

/** The regular expression source of one SGR (colour) sequence, the only escape sequence a log may carry. */
export const SGR_SOURCE = `${ESCAPE}\\[[0-9;]{0,32}m`

const BIDI = '\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069'
const UNSAFE = new RegExp(`(${SGR_SOURCE})|[\\p{Cc}\\p{Zl}\\p{Zp}${BIDI}]`, 'gu')
const SGR = new RegExp(SGR_SOURCE, 'g')
const LINE_END = /\r\n|[\n\r\u2028\u2029]/

/**
 * Replaces the C0, C1 and bidi controls and U+2028/2029 in a line with U+FFFD. Colour sequences stay, a tab becomes two
 * spaces. Nothing is dropped: that would join its neighbours into a new word, such as a command or a secret.
 */
export function visibleControls(line: string): string {
  return line
    .toWellFormed()
    .replace(UNSAFE, (found, colour: string | undefined) => colour ?? (found === '\t' ? '  ' : '\ufffd'))
}

/** Removes colour sequences. */
export function stripColour(text: string): string {
  return text.replace(SGR, '')
}

/** Splits text into lines, wherever any reader of a log would start a new one. */
export function splitLines(text: string): string[] {
  return text.split(LINE_END)
}
