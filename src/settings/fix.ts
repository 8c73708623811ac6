import type { CiPlatform } from '../core/platform.ts'
import { yamlNumber } from './yaml-numbers.ts'

/** The value of a setting: a string, a list, or the name of a secret. */
type FixValue = string | string[] | { secret: string }

/** Corrected settings, for people to paste. */
export type Fix = Record<string, FixValue>

/**
 * Corrected settings in the syntax of the platform: `settings:` for Woodpecker, `with:` for Actions (where a list is one string),
 * options for a command line.
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

/** A YAML scalar that YAML reads as a string: quoted if it would otherwise be a number, a boolean or anything else. */
function scalar(text: string): string {
  const isPlain = /^[\w./][\w./:@+-]*(?:,[\w./:@+-]+)*$/.test(text) && !text.endsWith(':')
  const isReserved = /^(?:true|false|null|yes|no|on|off|y|n)$/i.test(text)
  return isPlain && !isReserved && yamlNumber(text) === undefined ? text : JSON.stringify(text)
}
