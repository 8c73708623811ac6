import { Buffer } from 'node:buffer'
import { base64Source } from './mask-base64.ts'
import { textSource } from './mask-text.ts'

/**
 * Returns the patterns that find a secret: as text with the escapes of URLs, JSON and HTML, and as base64, standard or
 * URL-safe, at each of the three byte alignments, so that it is also found inside `base64('user:' + secret)`.
 */
export function secretPatterns(secret: string): RegExp[] {
  const sources = [
    ...parts(secret.match(TEXT_UNITS) ?? []).map(textSource),
    ...parts([...secret]).flatMap((part) => {
      const bytes = Buffer.from(part, 'utf8')
      return [0, 1, 2].map((before) => base64Source(bytes, before))
    }),
  ]
  return [...new Set(sources)].map((source) => new RegExp(source, 'g'))
}

// A line ending and a run of backslashes are not split: their escaped forms depend on what is next to them.
const TEXT_UNITS = /\r\n|\\+|[\s\S]/gu

// V8 rejects a pattern with several thousand alternatives, with an error that quotes it. A long secret is searched for in
// parts of about the same length, so that none is so short that it matches by chance.
const LONGEST_PART = 256

function parts(units: readonly string[]): string[] {
  const count = Math.ceil(units.length / LONGEST_PART)
  const start = (index: number): number => Math.floor((index * units.length) / count)
  return Array.from({ length: count }, (_, index) => units.slice(start(index), start(index + 1)).join(''))
}
