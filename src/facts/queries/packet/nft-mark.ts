import type { MarkChange, Step } from './model.ts'
import { numberIn } from './values.ts'
import type { NftWord } from './words.ts'

const all = 0xffff_ffffn

/** `meta mark set …` and `ct mark set …` at a word, with the number of words up to the end of the expression. */
export function markSteps(words: NftWord[], at: number): { steps: Step[]; length: number } | undefined {
  const short = words[at]?.text === 'mark'
  const start = short ? at : at + 1
  if (words[start]?.text !== 'mark' || words[start + 1]?.text !== 'set') return undefined
  if (!short && words[at]?.text !== 'meta' && words[at]?.text !== 'ct') return undefined
  const field = words[at]?.text === 'ct' ? 'ctmark' : 'mark'
  const expression = expressionAt(words, start + 2)
  const change = changeOf(field, expression)
  return {
    steps: [{ kind: 'mark', field, ...(change ? { change } : {}) }],
    length: start + 2 + expression.length - at,
  }
}

const operators: Record<string, '&' | '|' | '^'> = {
  and: '&',
  or: '|',
  xor: '^',
  '&': '&',
  '|': '|',
  '^': '^',
}
const marks = new Set(['meta mark', 'ct mark'])

/** The words of the expression: operands that operators join, and parentheses. */
function expressionAt(words: NftWord[], from: number): string[] {
  const text = (at: number) => words[at]?.text ?? ''
  let at = from
  for (;;) {
    if (text(at) === '(') return restOf(words, from)
    at += marks.has(`${text(at)} ${text(at + 1)}`) ? 2 : 1
    if (!operators[text(at)]) break
    at += 1
  }
  return words.slice(from, at).map((word) => word.text)
}

/** An expression with parentheses is not read: everything up to the rule's verdict belongs to it. */
function restOf(words: NftWord[], from: number): string[] {
  const rest = words.slice(from).map((word) => word.text)
  const end = rest.findIndex((word) => /^(?:accept|drop|return|jump|goto|counter|comment)$/.test(word))
  return end === -1 ? rest : rest.slice(0, end)
}

/** Reads `meta mark & 0xff | 0x1`, applied from left to right; undefined where an operand is neither a number nor a mark. */
function changeOf(field: 'mark' | 'ctmark', words: string[]): MarkChange | undefined {
  const [first = '', second = ''] = words
  const copied = marks.has(`${first} ${second}`)
  const source = first === 'ct' ? 'ctmark' : 'mark'
  const number = numberIn(first)
  if (!copied && number === undefined) return undefined
  let change: MarkChange = { keep: 0n, take: 0n, xor: number ?? 0n }
  if (copied) change = { ...change, [source === field ? 'keep' : 'take']: all }
  for (let at = copied ? 2 : 1; at < words.length; at += 2) {
    const operator = operators[words[at] ?? '']
    const operand = numberIn(words[at + 1] ?? '')
    if (!operator || operand === undefined) return undefined
    change = applied(change, operator, operand)
  }
  return change
}

function applied({ keep, take, xor }: MarkChange, operator: '&' | '|' | '^', operand: bigint): MarkChange {
  if (operator === '^') return { keep, take, xor: xor ^ operand }
  if (operator === '&') return { keep: keep & operand, take: take & operand, xor: xor & operand }
  const rest = all & ~operand
  return { keep: keep & rest, take: take & rest, xor: (xor & rest) | operand }
}
