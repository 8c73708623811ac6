import type { CiPlatform } from '../core/platform.ts'
import { annotationProperties, formatCommand } from './commands.ts'
import { commandLines, type Ink, textLines } from './lines.ts'
import { TRAITS } from './traits.ts'
import type { AnnotationProperties, LogRecord } from './types.ts'

const RESET = '\u001b[0m'
const BOLD = '\u001b[1m'
const COLOURS = { notice: '\u001b[1;36m', warning: '\u001b[1;33m', error: '\u001b[1;31m' }

/**
 * Takes a record and a platform, gives the physical lines to write for it, possibly none.
 * Every line is either a command made here, its data masked and kept on one line, or text that no runner obeys.
 */
export function renderRecord(record: LogRecord, platform: CiPlatform, ink: Ink): string[] {
  switch (record.kind) {
    case 'info':
      return textLines(record.text, ink)
    case 'debug':
      return debugLines(record.text, platform, ink)
    case 'group':
      return groupLines(record.text, record.depth, platform, ink)
    case 'endgroup':
      return folds(record.depth, platform) ? ['::endgroup::'] : []
    default:
      return TRAITS[platform].annotations
        ? [annotation(record.kind, record.text, record.properties, ink)]
        : levelLines(record.kind, record.text, record.properties, ink)
  }
}

function debugLines(text: string, platform: CiPlatform, ink: Ink): string[] {
  const { commands } = TRAITS[platform]
  if (commands === 'none') return textLines(text, ink, 'debug ', '  ')
  const lines = commandLines(text, ink)
  if (commands === 'raw') return lines.map((line) => rawCommand('debug', line))
  return [formatCommand('debug', {}, lines.join('\n'))]
}

function groupLines(name: string, depth: number, platform: CiPlatform, ink: Ink): string[] {
  if (!folds(depth, platform)) return plainTitle(name, ink)
  const title = commandLines(name, ink).join(' ')
  return [
    TRAITS[platform].commands === 'raw' ? rawCommand('group', title) : formatCommand('group', {}, title),
  ]
}

function folds(depth: number, platform: CiPlatform): boolean {
  const { commands, nestedGroups } = TRAITS[platform]
  return commands !== 'none' && (depth === 1 || nestedGroups)
}

// Forgejo's and Gitea's runners take the last `::` of a line, or the first: there must be one only.
function rawCommand(name: string, data: string): string {
  return `::${name}::${data.replace(/^:/, ' :').replaceAll(/:(?=:)/g, ': ')}`
}

function annotation(kind: string, text: string, properties: AnnotationProperties, ink: Ink): string {
  const clean = (value: unknown): unknown =>
    typeof value === 'string' ? commandLines(value, ink).join('\n') : value
  const named = Object.entries(annotationProperties(properties)).map(([key, value]) => [key, clean(value)])
  return formatCommand(kind, Object.fromEntries(named), clean(text))
}

function levelLines(
  kind: keyof typeof COLOURS,
  text: string,
  { title, file, startLine, startColumn }: AnnotationProperties,
  ink: Ink,
): string[] {
  const label = `${COLOURS[kind]}${kind.toUpperCase()}${RESET} `
  const place = [file, startLine, startColumn].filter(Boolean).join(':')
  const message = `${title ? `${title}: ` : ''}${text}${file ? `\nat ${place}` : ''}`
  return textLines(message, ink, label, '  ')
}

function plainTitle(name: string, ink: Ink): string[] {
  const [title = '', ...rest] = textLines(name, ink, BOLD, '  ')
  return [ink.colour ? title + RESET : title, ...rest]
}
