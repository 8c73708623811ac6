import about from '../package.json' with { type: 'json' }
import { type SettingRow, settingRows } from './settings-table.ts'

const image = 'regguard-plugin'
const header = '# Made from src/settings/schema.ts by npm run generate; do not edit.'

/** The settings manifest: what the plugin takes, for people and for tools. */
export function pluginYml(): string {
  return [
    header,
    'name: regguard',
    `version: ${about.version}`,
    `description: ${quoted(about.description)}`,
    `image: ${image}`,
    'entrypoint: regguard-plugin',
    'settings:',
    ...settingRows.flatMap((row) => [
      `  ${row.name}:`,
      `    type: ${row.kind}`,
      ...(row.initial === undefined ? [] : [`    default: ${quoted(row.initial)}`]),
      '    required: false',
      ...(row.secret ? ['    secret: true'] : []),
      ...(row.aliases.length > 0 ? [`    aliases: [${row.aliases.join(', ')}]`] : []),
      `    description: ${quoted(row.text)}`,
    ]),
    '',
  ].join('\n')
}

/** The action's metadata for Forgejo, Gitea and GitHub Actions. */
export function actionYml(): string {
  return [
    header,
    'name: regguard',
    `description: ${quoted(about.description)}`,
    'author: the regguard authors',
    'inputs:',
    ...settingRows.flatMap(({ name, text, initial }) => [
      `  ${name}:`,
      `    description: ${quoted(initial === undefined ? text : `${text} Default: ${initial}.`)}`,
      '    required: false',
    ]),
    'outputs:',
    '  verdict:',
    '    description: ok, findings, unchecked or stopped',
    '  digest:',
    '    description: the digest that the first image names',
    '  report:',
    '    description: the file of report_json, where it was written',
    'runs:',
    '  using: docker',
    '  image: Dockerfile',
    '',
  ].join('\n')
}

/** JSON Schema for the `settings:` of a step, for editors. */
export function settingsSchema(): object {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Settings of regguard',
    type: 'object',
    properties: Object.fromEntries(
      settingRows.flatMap((row) => [row.name, ...row.aliases].map((name) => [name, propertyOf(row)])),
    ),
    additionalProperties: false,
  }
}

function propertyOf({ text, kind, initial, secret }: SettingRow): object {
  const fromSecret = {
    type: 'object',
    properties: { from_secret: { type: 'string' } },
    required: ['from_secret'],
    additionalProperties: false,
  }
  const own = typesOf(kind)
  return {
    description: text,
    anyOf: [...own, fromSecret],
    ...(initial === undefined || secret ? {} : { default: initial }),
  }
}

function typesOf(kind: string): object[] {
  const string = { type: 'string' }
  const number = { type: 'number' }
  if (kind === 'boolean') return [{ type: 'boolean' }, string]
  if (kind === 'list') return [{ type: 'array', items: { anyOf: [string, number] } }, string, number]
  if (kind === 'number' || kind === 'bytes' || kind === 'duration') return [number, string]
  return [string, number, { type: 'array' }, { type: 'object' }]
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`
