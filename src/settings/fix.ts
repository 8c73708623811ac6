import type { CiPlatform } from '../core/platform.ts'
import { yamlNumber } from './yaml-numbers.ts'

/** A value that belongs into a setting: a text, a list, or the name of a secret. */
export type FixValue = string | string[] | { secret: string }

/** Settings as they should be: what a person can paste in place of a mistake. */
export type Fix = Record<string, FixValue>

/**
 * The lines that mend a mistake, in the form of the platform: `settings:` of Woodpecker, `with:` of Actions (where a
 * list is one text), options on a command line.
 */
export function fixLines(fix: Fix, platform: CiPlatform): string[] {
  const entries = Object.entries(fix)
  if (platform === 'plain') return entries.map(([name, value]) => `--${name} ${plainText(value)}`)
  if (platform !== 'woodpecker') {
    return ['with:', ...entries.map(([name, value]) => `  ${name}: ${actionsText(value)}`)]
  }
  return [
    'settings:',
    ...entries.flatMap(([name, value]) => woodpeckerLines(name, value).map((line) => `  ${line}`)),
  ]
}

function woodpeckerLines(name: string, value: FixValue): string[] {
  if (typeof value === 'string') return [`${name}: ${scalar(value)}`]
  if (Array.isArray(value)) return [`${name}:`, ...value.map((item) => `  - ${scalar(item)}`)]
  return [`${name}:`, `  from_secret: ${value.secret}`]
}

function actionsText(value: FixValue): string {
  if (typeof value === 'string') return scalar(value)
  if (Array.isArray(value)) return scalar(value.join(','))
  return `\${{ secrets.${value.secret.toUpperCase()} }}`
}

function plainText(value: FixValue): string {
  if (typeof value === 'string') return value
  return Array.isArray(value) ? value.join(',') : `"$${value.secret.toUpperCase()}"`
}

/** A text as YAML reads it as one: quoted where it would be a number, a boolean or something else. */
function scalar(text: string): string {
  const plain = /^[\w./][\w./:@+-]*(?:,[\w./:@+-]+)*$/.test(text) && !text.endsWith(':')
  const word = /^(?:true|false|null|yes|no|on|off|y|n)$/i.test(text)
  return plain && !word && yamlNumber(text) === undefined ? text : JSON.stringify(text)
}
