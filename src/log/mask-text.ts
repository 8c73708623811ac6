import { Buffer } from 'node:buffer'

/**
 * Returns the source of a pattern that finds a secret as text. Each character that is not a letter or a digit may be raw,
 * URL-encoded (`%2f`, `%2F`, `+` for a space), JSON-escaped (`\"`, `\u0026`, and again for JSON inside JSON) or
 * HTML-escaped. Encoders differ in which characters they escape (Go's JSON escapes `&`, Python's everything beyond ASCII);
 * alternatives per character cover them all.
 */
export function textSource(secret: string): string {
  const tokens = secret.replaceAll('\r\n', '\n').match(/\\+|[^\\]/gu) ?? []
  return tokens
    .map((token, index) => {
      if (token.startsWith('\\')) return backslashRun(token.length)
      return characterSource(token, tokens[index - 1]?.startsWith('\\'))
    })
    .join('')
}

/**
 * Returns the source of all forms of one character. After a backslash of the secret itself, the pattern of that backslash
 * has already matched all backslashes. No text may match two of the forms: the search time would double with each character.
 */
export function characterSource(char: string, afterBackslash = false): string {
  if (/^[A-Za-z0-9]$/.test(char)) return char
  const slashes = afterBackslash ? `${ESCAPES}?` : ESCAPES
  const forms = [percent(char), unicode(char, slashes), ...(PLAIN_FORMS[char] ?? [])]
  const letter = ESCAPED_AS[char]
  if (letter) forms.push(slashes + letter)
  const quotable = QUOTABLE[char]
  if (quotable && !afterBackslash) forms.push(slashes + quotable)
  // Raw comes last: a raw `%` or `&` is also the beginning of an escape, whose rest would remain.
  const any = `(?:${[...forms, literal(char)].join('|')})`
  return char === '\n' ? `(?:\\r|%0[dD]|${slashes}r|${slashes}u000[dD])?${any}` : any
}

// Each level of JSON doubles the backslashes and adds one: three levels are seven. The bound keeps the search linear.
const ESCAPES = '(?:\\\\{1,7}|(?:%5[cC]){1,7})'

// A run must match completely, up to its last backslash: if it could end anywhere, a secret full of `\"` would backtrack
// exponentially.
function backslashRun(count: number): string {
  const bounds = `{${count},${8 * count}}`
  const raw = `\\\\${bounds}(?!\\\\)`
  const encoded = `(?:%5[cC])${bounds}(?!%5[cC])`
  return `(?:${raw}|${encoded}|(?:\\\\u005[cC]){${count}})`
}

const ESCAPED_AS: Readonly<Record<string, string>> = {
  '\b': 'b',
  '\f': 'f',
  '\n': 'n',
  '\r': 'r',
  '\t': 't',
}

const QUOTABLE: Readonly<Record<string, string>> = { '"': '(?:"|%22)', '/': '(?:/|%2[fF])' }

const PLAIN_FORMS: Readonly<Record<string, string[]>> = {
  ' ': ['\\+'],
  '"': ['&quot;', '&#34;'],
  "'": ['&#39;', '&#[xX]27;'],
  '&': ['&amp;'],
  '<': ['&lt;'],
  '>': ['&gt;'],
}

function literal(char: string): string {
  return char.replace(/[$()*+.?[\]^{|}]/, '\\$&')
}

function percent(char: string): string {
  return [...Buffer.from(char, 'utf8')].map((byte) => `%${hex(byte, 2)}`).join('')
}

function unicode(char: string, slashes: string): string {
  const [first, ...rest] = char.split('').map((unit) => `u${hex(unit.charCodeAt(0), 4)}`)
  return slashes + [first, ...rest].join(ESCAPES)
}

function hex(value: number, digits: number): string {
  const text = value.toString(16).padStart(digits, '0')
  return text.replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`)
}
