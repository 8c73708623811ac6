import type { Mask } from './mask.ts'
import { neutraliseBrackets, safeLine } from './safe-line.ts'
import { splitLines, stripColour, visibleControls } from './text.ts'

/** How text becomes lines: the secrets to mask, and whether colour is kept. */
export type LineOptions = { mask: Mask; colour: boolean }

/**
 * Returns the physical lines of a message, ready to be written: masked, split, made safe. The first line is prefixed with
 * the label, the others with the indent. The label is trusted, the text is not.
 */
export function textLines(text: string, options: LineOptions, label = '', indent = ''): string[] {
  const prefix = options.colour ? label : stripColour(label)
  const masked = options.mask.apply(options.colour ? text : stripColour(text))
  return splitLines(masked).map((line, index) =>
    safeMaskedLine((index === 0 ? prefix : indent) + line, options.mask),
  )
}

/**
 * Returns the lines of a command's text, masked, without colour and control characters. Breaks `##[` here too: a runner
 * that does not know the command would search the rest of the line for another.
 */
export function commandLines(text: string, { mask }: LineOptions): string[] {
  return splitLines(mask.apply(stripColour(text))).map((line) => neutraliseBrackets(visibleControls(line)))
}

// Colour inside a secret hides the secret from the mask, but not from a reader: such a line loses its colour.
function safeMaskedLine(line: string, mask: Mask): string {
  const safe = safeLine(line)
  const bare = stripColour(safe)
  if (bare === safe) return safe
  const masked = mask.apply(bare)
  return masked === bare ? safe : masked
}
