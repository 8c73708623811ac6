import { editDistance, nearestSetting, settingFor } from '../settings/names.ts'

/** The commands for people; `host-snapshot` is for regguard itself. */
const commands = [
  'verify',
  'scan',
  'watch',
  'cluster',
  'probe',
  'compare',
  'explain',
  'replay',
  'demo',
  'help',
  'version',
] as const

/**
 * A command line that is not understood: a mistyped command or option, with the one that was probably meant; a command that does
 * not come first (`place`); or one that takes no arguments.
 */
export type Mistype =
  | { what: 'command' | 'option'; given: string; nearest: string }
  | { what: 'place' | 'arguments'; given: string }

/** The message, in one line. */
export function mistypeText(mistype: Mistype): string {
  const { what, given } = mistype
  if ('nearest' in mistype) return `There is no ${what} “${given}”; did you mean ${mistype.nearest}?`
  const mistake =
    what === 'place'
      ? `“${given}” is a command and must come first`
      : `The command ${given} takes no arguments but --html FILE`
  return `${mistake}; for an image of that name, write ${given}:latest`
}

/**
 * Looks for a command among the references. A bare word may be an image on Docker Hub (`nginx`), so only one close to a command
 * counts, and only if no setting is given, which a command would not take. `deno:latest` is always an image.
 */
export function mistypedCommand(references: string[], hasSettings: boolean): Mistype | undefined {
  if (hasSettings) return undefined
  const [first = '', ...others] = references
  const misplaced = others.find((one) => (commands as readonly string[]).includes(one))
  if (misplaced !== undefined) return { what: 'place', given: misplaced }
  const nearest = /[/:.@]/.test(first) ? undefined : nearestCommand(first)
  return nearest === undefined || nearest === first ? undefined : { what: 'command', given: first, nearest }
}

/** Looks for a command in an option that is not a setting and not close to one. `given` includes the dashes. */
export function mistypedOption(given: string, name: string): Mistype | undefined {
  if (settingFor(name) !== undefined || nearestSetting(name) !== undefined) return undefined
  const nearest = nearestCommand(name)
  if (nearest === undefined) return undefined
  const isOption = nearest === 'help' || nearest === 'version'
  return { what: 'option', given, nearest: isOption ? `--${nearest}` : nearest }
}

/** At most one letter in three may differ; no word is that close to two commands. */
const nearestCommand = (given: string): string | undefined =>
  commands.find((command) => editDistance(given.toLowerCase(), command) <= Math.floor(command.length / 3))
