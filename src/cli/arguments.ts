import { metaOf } from '../settings/fields.ts'
import { canonicalName, settingFor } from '../settings/names.ts'
import type { Problem } from '../settings/problem.ts'
import { schema } from '../settings/schema.ts'

/** What a command line asks for. */
export type Command =
  | { name: 'verify'; settings: Map<string, string>; problems: Problem[] }
  | { name: 'help' | 'version' | 'demo' }
  | { name: 'explain'; finding: string | undefined }
  | { name: 'host-snapshot'; args: string[] }

/**
 * Reads the arguments: references, and any setting as `--name value`, `--name=value` or, for a switch, `--name`.
 * A list setting may be given more than once.
 */
export function readArguments(args: string[]): Command {
  const [first, second] = args
  if (first === 'help' || args.includes('--help') || args.includes('-h')) return { name: 'help' }
  if (first === 'version' || args.includes('--version')) return { name: 'version' }
  if (first === 'demo' && args.length === 1) return { name: 'demo' }
  if (first === 'host-snapshot') return { name: 'host-snapshot', args: args.slice(1) }
  if (first === 'explain') return { name: 'explain', finding: second }
  const settings = new Map<string, string>()
  const problems: Problem[] = []
  const references: string[] = []
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at] ?? ''
    if (!arg.startsWith('-')) {
      references.push(arg)
      continue
    }
    const [name = '', inline] = splitOnce(arg.replace(/^--?/, ''))
    const next = args[at + 1]
    const value = inline ?? (isSwitch(name) && !isBoolean(next) ? 'true' : next)
    if (inline === undefined && value === next) at += 1
    if (value === undefined) problems.push({ setting: name, message: 'needs a value' })
    else add(settings, canonicalName(name), value)
  }
  if (references.length > 0) add(settings, 'images', references.join(','))
  return { name: 'verify', settings, problems }
}

function add(settings: Map<string, string>, name: string, value: string): void {
  const before = settings.get(name)
  const setting = settingFor(name)
  const many = setting !== undefined && metaOf(schema.shape[setting]).kind === 'list'
  settings.set(name, many && before !== undefined ? `${before},${value}` : value)
}

function splitOnce(text: string): [string, string | undefined] {
  const equals = text.indexOf('=')
  return equals < 0 ? [text, undefined] : [text.slice(0, equals), text.slice(equals + 1)]
}

function isSwitch(name: string): boolean {
  const setting = settingFor(name)
  return setting !== undefined && metaOf(schema.shape[setting]).kind === 'boolean'
}

const isBoolean = (text: string | undefined): boolean => text === 'true' || text === 'false'
