import type { Mask } from './mask.ts'
import { neutraliseBrackets, safeLine } from './safe-line.ts'
import { splitLines, stripColour, visibleControls } from './text.ts'

/** How text becomes lines: what has to be hidden, and whether colour may stay. */
export type Ink = { mask: Mask; colour: boolean }

/**
 * Takes the text of a message, gives its physical lines ready to be written: masked, split, guarded. The first
 * gets the label in front, the others the indent. The label is ours, the text is anybody's.
 */
export function textLines(text: string, ink: Ink, label = '', indent = ''): string[] {
  const front = ink.colour ? label : stripColour(label)
  const masked = ink.mask.apply(ink.colour ? text : stripColour(text))
  return splitLines(masked).map((line, index) => guarded((index === 0 ? front : indent) + line, ink.mask))
}

/**
 * Takes text for a command, gives its lines without colour and controls, masked. A `##[` is broken here too:
 * a runner that does not know the command would look for one in the rest of the line.
 */
export function commandLines(text: string, { mask }: Ink): string[] {
  return splitLines(mask.apply(stripColour(text))).map((line) => neutraliseBrackets(visibleControls(line)))
}

// Colour inside a secret keeps the mask from seeing what a reader sees: such a line loses its colour.
function guarded(line: string, mask: Mask): string {
  const safe = safeLine(line)
  const bare = stripColour(safe)
  if (bare === safe) return safe
  const masked = mask.apply(bare)
  return masked === bare ? safe : masked
}
