import { editDistance, nearestSetting, settingFor } from '../settings/names.ts'

/** What a first word can ask for; `host-snapshot` is not a command for people. */
const commands = ['explain', 'demo', 'help', 'version'] as const

/** A word of the command line that means nothing where it stands, and what was probably meant. */
export interface Mistype {
  /** `place`: a command that does not come first. */
  what: 'command' | 'option' | 'place'
  given: string
  nearest: string
}

/** One line for the person who typed it. */
export function mistypeText({ what, given, nearest }: Mistype): string {
  if (what === 'place')
    return `“${given}” is a command and must come first; for an image of that name, write ${given}:latest`
  return `There is no ${what} “${given}”; did you mean ${nearest}?`
}

/**
 * The command that was probably meant, where references stand. A bare word is a name on Docker Hub, too (`nginx`): only one near
 * a command counts, and only where no setting shows that an image is meant. `deno:latest` is always an image.
 */
export function mistypedCommand(references: string[], hasSettings: boolean): Mistype | undefined {
  if (hasSettings) return undefined
  const [first = '', ...others] = references
  const misplaced = others.find((one) => (commands as readonly string[]).includes(one))
  if (misplaced !== undefined) return { what: 'place', given: misplaced, nearest: misplaced }
  const nearest = /[/:.@]/.test(first) ? undefined : nearestCommand(first)
  return nearest === undefined || nearest === first ? undefined : { what: 'command', given: first, nearest }
}

/** What was probably meant by an option that is no setting and resembles none; `given` has its dashes. */
export function mistypedOption(given: string, name: string): Mistype | undefined {
  if (settingFor(name) !== undefined || nearestSetting(name) !== undefined) return undefined
  const nearest = nearestCommand(name)
  if (nearest === undefined) return undefined
  const isOption = nearest === 'help' || nearest === 'version'
  return { what: 'option', given, nearest: isOption ? `--${nearest}` : nearest }
}

/** One letter in three may differ. No word is that near two of them. */
const nearestCommand = (given: string): string | undefined =>
  commands.find((command) => editDistance(given.toLowerCase(), command) <= Math.floor(command.length / 3))
