import type { Mistype } from './mistype.ts'

/** A command without settings. */
export type PlainCommand =
  | { name: 'version' }
  | { name: 'demo'; file: string | undefined }
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
  if (first === 'demo') return readDemo(rest)
  if (first === 'host-snapshot') return { name: 'host-snapshot', args: rest }
  if (first === 'compare') return { name: 'compare', files: rest }
  // “explain orphaned index” means orphaned-index.
  if (first === 'explain') return { name: 'explain', finding: rest.length > 0 ? rest.join('-') : undefined }
  return undefined
}

/** `demo`, or `demo --html FILE`. */
function readDemo(rest: string[]): PlainCommand {
  const [, joined] = /^--?html=(.+)$/s.exec(rest[0] ?? '') ?? []
  const isSeparate = /^--?html$/.test(rest[0] ?? '')
  const file = isSeparate ? rest[1] : joined
  const given = isSeparate ? 2 : joined === undefined ? 0 : 1
  return rest.length === given && (given === 0 || file !== undefined)
    ? { name: 'demo', file }
    : { name: 'mistyped', mistype: { what: 'arguments', given: 'demo' } }
}

const isHelpOption = (arg: string): boolean => /^(?:-h|--?help)$/.test(arg)
