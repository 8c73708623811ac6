import type { Element, Elements, Field, Pattern, Verdict } from './model.ts'
import { patternOf } from './values.ts'
import { type NftWord, nftWords } from './words.ts'

/** `accept`, `drop`, `jump x`, … at a word, with the number of its words. */
export function verdictAt(words: NftWord[], at: number): { verdict: Verdict; length: number } | undefined {
  const word = words[at]
  if (!word || word.quoted) return undefined
  switch (word.text) {
    case 'accept':
    case 'drop':
    case 'return':
    case 'continue':
      return { verdict: { kind: word.text }, length: 1 }
    case 'jump':
    case 'goto':
      return { verdict: { kind: word.text, chain: words[at + 1]?.text ?? '' }, length: 2 }
    default:
      return undefined
  }
}

/** What `{ … }` holds, from its first word; `end` is the number of the word after the closing brace. */
export function bracedElements(
  words: NftWord[],
  at: number,
  fields: Field[],
): { elements: Element[]; end: number } {
  const elements: Element[] = []
  let current: NftWord[] = []
  let end = at + 1
  let depth = 1
  for (; end < words.length; end += 1) {
    const word = words[end]
    if (!word) break
    const mark = word.quoted ? '' : word.text
    if (mark === '{') depth += 1
    if (mark === '}') depth -= 1
    if (depth === 0) break
    if (mark === ',' && depth === 1) {
      elements.push(elementOf(current, fields))
      current = []
    } else {
      current.push(word)
    }
  }
  if (current.length > 0) elements.push(elementOf(current, fields))
  return { elements, end: end + 1 }
}

/** The elements of a named set, as the facts hold them. */
export const namedElements = (
  { elements, incomplete }: { elements: string[]; incomplete?: boolean },
  fields: Field[],
): Elements => ({
  list: elements.map((text) => elementOf(nftWords(text), fields)),
  incomplete: incomplete ?? false,
})

/**
 * `"br-a" . 10.0.0.0/8 timeout 1h : jump x`: patterns, options that say nothing about what matches, and a
 * verdict. In a set, bits are compared as a whole.
 */
function elementOf(words: NftWord[], fields: Field[]): Element {
  const colon = words.findIndex(({ text, quoted }) => text === ':' && !quoted)
  const before = colon === -1 ? words : words.slice(0, colon)
  const patterns: Element['patterns'] = []
  for (let at = 0; patterns.length < fields.length; at += 2) {
    const field = fields[patterns.length]
    const word = before[at]
    if (!field || !word) break
    const pattern = fieldPattern(field, word)
    patterns.push(pattern ? asWhole(pattern) : 'unknown')
    if (before[at + 1]?.text !== '.') break
  }
  if (colon === -1) return { patterns }
  const verdict = verdictAt(words, colon + 1)?.verdict
  return { patterns, ...(verdict ? { verdict } : {}) }
}

/** One value as nft prints it. */
export function fieldPattern(field: Field, { text, quoted }: NftWord): Pattern | undefined {
  if (text === '*' && !quoted) return { text: '', prefix: true }
  return patternOf(field, text)
}

/** A value of bits that is compared with all bits of the field. */
export const asWhole = (pattern: Pattern): Pattern =>
  'bits' in pattern ? { first: pattern.bits, last: pattern.bits } : pattern
