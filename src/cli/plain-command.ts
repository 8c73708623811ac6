import type { Mistype } from './mistype.ts'

/** A command without settings. */
export type PlainCommand =
  | { name: 'version' }
  | { name: 'demo' }
  | { name: 'help'; setting: string | undefined }
  | { name: 'compare'; files: string[] }
  | { name: 'explain'; finding: string | undefined }
  | { name: 'mistyped'; mistype: Mistype }
  | { name: 'host-snapshot'; args: string[] }

/**
 * Reads a command that takes no settings; undefined for every other command line. It needs no schema of the settings, whose loading
 * takes longer than such a command.
 */
export function readPlainCommand(args: string[]): PlainCommand | undefined {
  const [first, ...rest] = args
  if (first === 'help') return { name: 'help', setting: rest.find((arg) => !isHelpOption(arg)) }
  if (args.some(isHelpOption)) return { name: 'help', setting: undefined }
  if (first === 'version' || args.some((arg) => /^--?version$/.test(arg))) return { name: 'version' }
  if (first === 'demo')
    return rest.length === 0
      ? { name: 'demo' }
      : { name: 'mistyped', mistype: { what: 'arguments', given: first } }
  if (first === 'host-snapshot') return { name: 'host-snapshot', args: rest }
  if (first === 'compare') return { name: 'compare', files: rest }
  // “explain orphaned index” means orphaned-index.
  if (first === 'explain') return { name: 'explain', finding: rest.length > 0 ? rest.join('-') : undefined }
  return undefined
}

const isHelpOption = (arg: string): boolean => /^(?:-h|--?help)$/.test(arg)
