import { Buffer } from 'node:buffer'
import { base64Source } from './mask-base64.ts'
import { textSource } from './mask-text.ts'

/**
 * Takes one secret, gives the patterns that find it: as text in the escapes of URLs, JSON and HTML, and as base64,
 * standard or URL-safe, at each of the three byte alignments, so it is found inside `base64('user:' + secret)` too.
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

// A line end and a run of backslashes stay whole: their forms depend on what is next to them.
const TEXT_UNITS = /\r\n|\\+|[\s\S]/gu

// V8 refuses a pattern of some thousand alternatives, with an error that quotes it. A long secret is searched for
// in parts of even length, so that none is too short to be told from chance.
const LONGEST_PART = 256

function parts(units: readonly string[]): string[] {
  const count = Math.ceil(units.length / LONGEST_PART)
  const start = (index: number): number => Math.floor((index * units.length) / count)
  return Array.from({ length: count }, (_, index) => units.slice(start(index), start(index + 1)).join(''))
}
