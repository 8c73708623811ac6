import { metaOf } from '../settings/fields.ts'
import { canonicalName, settingFor } from '../settings/names.ts'
import type { Problem } from '../settings/problem.ts'
import { schema } from '../settings/schema.ts'
import { type Mistype, mistypedCommand, mistypedOption } from './mistype.ts'
import { type PlainCommand, readPlainCommand } from './plain-command.ts'

/** The command that a command line names, with its arguments. */
export type Command = PlainCommand | { name: 'verify'; settings: Map<string, string>; problems: Problem[] }

/** Reads the arguments: a command, or what to verify. After the word `verify`, a command's name is an image. */
export function readArguments(args: string[]): Command {
  const plain = readPlainCommand(args)
  if (plain !== undefined) return plain
  const [first, ...rest] = args
  if (first === 'scan') return readScan(rest)
  if (first === 'cluster') return readCluster(rest)
  if (first === 'replay') return readReplay(rest)
  if (first === 'watch') return readWatch(rest)
  if (first === 'probe') return readProbe(rest)
  return first === 'verify'
    ? readVerification(rest, () => undefined)
    : readVerification(args, mistypedCommand)
}

/**
 * Reads references, and settings as `--name value`, `--name=value` or, for a boolean, `--name`. A list may be given more than once.
 * Everything after `--` is a reference. `mistypedAmong` finds a command among the references.
 */
function readVerification(args: string[], mistypedAmong: typeof mistypedCommand): Command {
  const { settings, problems, references, mistype: option } = readOptions(args)
  const mistype = option ?? mistypedAmong(references, references.length < args.length)
  if (mistype) return { name: 'mistyped', mistype }
  if (references.length > 0) add(settings, 'images', references.join(','))
  return { name: 'verify', settings, problems }
}

/** `scan ROOT` with settings: the same as `mode: scan` and `storage: ROOT`. */
function readScan(args: string[]): Command {
  const { settings, problems, references, mistype } = readOptions(args)
  if (mistype) return { name: 'mistyped', mistype }
  const [root, ...others] = references
  settings.set('mode', 'scan')
  if (root !== undefined) settings.set('storage', root)
  if (others.length > 0)
    problems.push({
      setting: 'storage',
      value: references.join(' '),
      message: 'must be one folder, in one argument',
    })
  return { name: 'verify', settings, problems }
}

/** `cluster` with settings: the same as `mode: cluster`. It is about no image by name. */
function readCluster(args: string[]): Command {
  const { settings, problems, references, mistype } = readOptions(args)
  if (mistype) return { name: 'mistyped', mistype }
  settings.set('mode', 'cluster')
  if (references.length > 0)
    problems.push({
      setting: 'mode',
      value: references.join(' '),
      message: 'cluster takes no images: those that its pods cannot pull are found',
    })
  return { name: 'verify', settings, problems }
}

/** `replay FILE` with settings: the same as `replay: FILE`, for a report or a recording. */
function readReplay(args: string[]): Command {
  const { settings, problems, references, mistype } = readOptions(args)
  if (mistype) return { name: 'mistyped', mistype }
  const [file] = references
  if (file !== undefined && references.length === 1) settings.set('replay', file)
  else
    problems.push({
      setting: 'replay',
      ...(file === undefined ? {} : { value: references.join(' ') }),
      message: 'must be one report that report_json or report_html wrote, or the directory of a recording',
    })
  return { name: 'verify', settings, problems }
}

/** `watch REGISTRY…` with settings: the same as `mode: watch` and `registries`; an argument with a path is a repository. */
function readWatch(args: string[]): Command {
  const { settings, problems, references, mistype } = readOptions(args)
  if (mistype) return { name: 'mistyped', mistype }
  settings.set('mode', 'watch')
  for (const one of references)
    add(settings, /^[^/]+\/./.test(one.replace(/^https?:\/\//i, '')) ? 'repo' : 'registries', one)
  return { name: 'verify', settings, problems }
}

/** `probe HOST…` with settings: the same as `mode: probe` and `endpoints`. */
function readProbe(args: string[]): Command {
  const { settings, problems, references, mistype } = readOptions(args)
  if (mistype) return { name: 'mistyped', mistype }
  settings.set('mode', 'probe')
  for (const one of references) add(settings, 'endpoints', one)
  return { name: 'verify', settings, problems }
}

interface Options {
  settings: Map<string, string>
  problems: Problem[]
  /** The arguments that are neither settings nor their values. */
  references: string[]
  mistype?: Mistype
}

function readOptions(args: string[]): Options {
  const settings = new Map<string, string>()
  const problems: Problem[] = []
  const references: string[] = []
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at] ?? ''
    if (arg === '--') {
      references.push(...args.slice(at + 1))
      break
    }
    if (!arg.startsWith('-')) {
      references.push(arg)
      continue
    }
    const [name = '', inline] = splitOnce(arg.replace(/^--?/, ''))
    const mistype = mistypedOption(splitOnce(arg)[0], name)
    if (mistype) return { settings, problems, references, mistype }
    const next = isOption(args[at + 1]) ? undefined : args[at + 1]
    const value = inline ?? (isFlag(name) && !isValueOfFlag(name, next) ? 'true' : next)
    if (inline === undefined && value !== undefined && value === next) at += 1
    // An unknown name is reported as such, whatever its value.
    if (value === undefined && settingFor(name) !== undefined)
      problems.push({ setting: name, message: 'needs a value' })
    else add(settings, canonicalName(name), value ?? '')
  }
  return { settings, problems, references }
}

function add(settings: Map<string, string>, name: string, value: string): void {
  const before = settings.get(name)
  const setting = settingFor(name)
  const isList = setting !== undefined && metaOf(schema.shape[setting]).kind === 'list'
  settings.set(name, isList && before !== undefined ? `${before},${value}` : value)
}

function splitOnce(text: string): [string, string | undefined] {
  const equals = text.indexOf('=')
  return equals < 0 ? [text, undefined] : [text.slice(0, equals), text.slice(equals + 1)]
}

/** Whether a setting may stand without a value: a boolean, or a choice that has `true` among its values. */
function isFlag(name: string): boolean {
  const setting = settingFor(name)
  if (setting === undefined) return false
  const { kind, values } = metaOf(schema.shape[setting])
  return kind === 'boolean' || values?.includes('true') === true
}

/** Whether an argument is a setting's name; any other text may be a value, as a password that begins with a dash. */
const isOption = (arg = ''): boolean =>
  arg === '--' || (arg.startsWith('--') && settingFor(splitOnce(arg.slice(2))[0]) !== undefined)

/** Whether the argument after a flag is its value, and not an image. */
function isValueOfFlag(name: string, text: string | undefined): boolean {
  const setting = settingFor(name)
  const { values = ['true', 'false'] } = setting === undefined ? {} : metaOf(schema.shape[setting])
  return text !== undefined && values.includes(text)
}
