import type { Problem } from './problem.ts'

/**
 * What an unquoted YAML scalar becomes on its way into a setting, if it is a number: `1.10` is 1.1, `010` is 8,
 * `1e3` is 1000 (yaml.v3's rules, which Woodpecker and Forgejo's runner share). Undefined for every other text.
 */
export function yamlNumber(written: string): string | undefined {
  const text = written.replaceAll('_', '')
  if (/^[-+]?(?:0|[1-9]\d*)$/.test(text)) return BigInt(text.replace(/^\+/, '')).toString()
  if (/^0o?[0-7]+$/.test(text)) return BigInt(`0o${text.replace(/^0o?/, '')}`).toString()
  if (/^0x[0-9a-f]+$/i.test(text)) return BigInt(text).toString()
  if (!/^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?$/i.test(text)) return undefined
  return String(Number(text))
}

/** Which of these tags YAML would have turned into this one. */
export const yamlSiblings = (tag: string, tags: string[]): string[] =>
  tags.filter((other) => other !== tag && yamlNumber(other) === tag)

/** What may have been written where a tag looks like a decimal number that lost its last zero: `1.10` for `1.1`. */
export const lostZero = (tag: string): string | undefined =>
  /^\d+\.\d*[1-9]$/.test(tag) ? `${tag}0` : undefined

/** The mistake behind a tag that only a number can be: `1.2345e+71`, from a commit's beginning such as 12345e67. */
export function numberProblem(setting: string, tag: string): Problem | undefined {
  if (!/^-?\d(?:\.\d+)?e\+\d+$/.test(tag)) return undefined
  return {
    setting,
    value: tag,
    message: 'is no tag: YAML read what stands there as a number. Quote it',
    fix: { tags: '12345e67' },
  }
}
