import type { Problem } from './problem.ts'

/**
 * The number that YAML reads from an unquoted scalar, as a setting then receives it: `1.10` becomes 1.1, `010` becomes 8, `1e3`
 * becomes 1000 (rules of yaml.v3, which Woodpecker and the Forgejo runner use). Undefined for a scalar that is not a number.
 */
export function yamlNumber(written: string): string | undefined {
  const text = written.replaceAll('_', '')
  if (/^[-+]?(?:0|[1-9]\d*)$/.test(text)) return BigInt(text.replace(/^\+/, '')).toString()
  if (/^0o?[0-7]+$/.test(text)) return BigInt(`0o${text.replace(/^0o?/, '')}`).toString()
  if (/^0x[0-9a-f]+$/i.test(text)) return BigInt(text).toString()
  if (!/^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?$/i.test(text)) return undefined
  return String(Number(text))
}

/** The tags among `tags` that YAML would turn into `tag`. */
export const yamlSiblings = (tag: string, tags: string[]): string[] =>
  tags.filter((other) => other !== tag && yamlNumber(other) === tag)

/** The tag that was probably meant by a decimal number that lost its trailing zero: `1.10` for `1.1`. */
export const lostZero = (tag: string): string | undefined =>
  /^\d+\.\d*[1-9]$/.test(tag) ? `${tag}0` : undefined

/** The mistake behind a tag that can only come from a number: `1.2345e+71`, for a short commit hash such as 12345e67. */
export function numberProblem(setting: string, tag: string): Problem | undefined {
  if (!/^-?\d(?:\.\d+)?e\+\d+$/.test(tag)) return undefined
  return {
    setting,
    value: tag,
    message: 'is not a valid tag: YAML read an unquoted tag as a number. Quote it',
    fix: { tags: '12345e67' },
  }
}
