import type { CiPlatform } from '../core/platform.ts'
import { annotationProperties, formatCommand } from './commands.ts'
import { commandLines, type LineOptions, textLines } from './lines.ts'
import { TRAITS } from './traits.ts'
import type { AnnotationProperties, LogRecord } from './types.ts'

const RESET = '\u001b[0m'
const BOLD = '\u001b[1m'
const COLOURS = { notice: '\u001b[1;36m', warning: '\u001b[1;33m', error: '\u001b[1;31m' }

/**
 * Returns the physical lines of a record on a platform, possibly none. Each line is either a command made here, with masked
 * data on one line, or text that no runner interprets as a command.
 */
export function renderRecord(record: LogRecord, platform: CiPlatform, options: LineOptions): string[] {
  switch (record.kind) {
    case 'info':
      return textLines(record.text, options)
    case 'debug':
      return debugLines(record.text, platform, options)
    case 'group':
      return groupLines(record.text, record.depth, platform, options)
    case 'endgroup':
      return folds(record.depth, platform) ? ['::endgroup::'] : []
    default:
      return TRAITS[platform].annotations
        ? [annotation(record.kind, record.text, record.properties, options)]
        : levelLines(record.kind, record.text, record.properties, options)
  }
}

function debugLines(text: string, platform: CiPlatform, options: LineOptions): string[] {
  const { commands } = TRAITS[platform]
  if (commands === 'none') return textLines(text, options, 'debug ', '  ')
  const lines = commandLines(text, options)
  if (commands === 'raw') return lines.map((line) => rawCommand('debug', line))
  return [formatCommand('debug', {}, lines.join('\n'))]
}

function groupLines(name: string, depth: number, platform: CiPlatform, options: LineOptions): string[] {
  if (!folds(depth, platform)) return plainTitle(name, options)
  const title = commandLines(name, options).join(' ')
  return [
    TRAITS[platform].commands === 'raw' ? rawCommand('group', title) : formatCommand('group', {}, title),
  ]
}

function folds(depth: number, platform: CiPlatform): boolean {
  const { commands, nestedGroups } = TRAITS[platform]
  return commands !== 'none' && (depth === 1 || nestedGroups)
}

// Forgejo's and Gitea's runners split at the last or at the first `::` of the data: the data must not contain any.
function rawCommand(name: string, data: string): string {
  return `::${name}::${data.replace(/^:/, ' :').replaceAll(/:(?=:)/g, ': ')}`
}

function annotation(
  kind: string,
  text: string,
  properties: AnnotationProperties,
  options: LineOptions,
): string {
  const clean = (value: unknown): unknown =>
    typeof value === 'string' ? commandLines(value, options).join('\n') : value
  const named = Object.entries(annotationProperties(properties)).map(([key, value]) => [key, clean(value)])
  return formatCommand(kind, Object.fromEntries(named), clean(text))
}

function levelLines(
  kind: keyof typeof COLOURS,
  text: string,
  { title, file, startLine, startColumn }: AnnotationProperties,
  options: LineOptions,
): string[] {
  const label = `${COLOURS[kind]}${kind.toUpperCase()}${RESET} `
  const location = [file, startLine, startColumn].filter(Boolean).join(':')
  const message = `${title ? `${title}: ` : ''}${text}${file ? `\nat ${location}` : ''}`
  return textLines(message, options, label, '  ')
}

function plainTitle(name: string, options: LineOptions): string[] {
  const [title = '', ...rest] = textLines(name, options, BOLD, '  ')
  return [options.colour ? title + RESET : title, ...rest]
}
