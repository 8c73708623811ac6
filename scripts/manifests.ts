import about from '../package.json' with { type: 'json' }
import { buildSettings } from '../src/settings/names.ts'
import { declaredTags } from '../src/settings/sources.ts'
import { type SettingRow, settingRows } from './settings-table.ts'

const image = 'registry.example.com/regguard/regguard-plugin'
const header = '# Generated from src/settings/schema.ts by npm run generate; do not edit.'

/** plugin.yml: the settings of the plugin, for people and for tools. */
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
      ...(row.values.length > 0
        ? [
            `    enum: [${row.values.map((value) => (isPlainInYaml(value) ? value : quoted(value))).join(', ')}]`,
          ]
        : []),
      `    description: ${quoted(row.text)}`,
    ]),
    '',
  ].join('\n')
}

/** action.yml: the metadata of the action for Forgejo, Gitea and GitHub. */
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
      ...(name === 'tags' ? [`    default: ${declaredTags}`] : []),
    ]),
    'outputs:',
    '  verdict:',
    '    description: ok, findings, unchecked, stopped, skipped (nothing was pushed) or invalid (a problem in the settings)',
    '  digest:',
    '    description: digest of the first image',
    '  page:',
    '    description: path of the HTML page, if report_html is set',
    '  report:',
    '    description: path of the JSON report, if report_json is set',
    '  junit:',
    '    description: path of the JUnit report, if report_junit is set',
    '  summary:',
    '    description: path of the Markdown summary, if report_markdown is set',
    '  metrics:',
    '    description: path of the metrics, if report_prometheus is set',
    'runs:',
    '  using: docker',
    '  image: Dockerfile',
    '',
  ].join('\n')
}

/**
 * JSON Schema of a step's `settings:`, for editors. Names may have dashes or underscores. Build settings are allowed, so that
 * an editor marks misspelled names but not a pasted block.
 */
export function settingsSchema(): object {
  const own = settingRows.flatMap((row) =>
    [row.name, ...row.aliases].flatMap((name) =>
      spellings(name).map((one) => [one, propertyOf(row)] as const),
    ),
  )
  const names = new Set(own.map(([name]) => name))
  const build = buildSettings.flatMap(spellings).filter((name) => !names.has(name))
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Settings of regguard',
    type: 'object',
    properties: Object.fromEntries([
      ...own,
      ...build.map((name) => [name, { description: 'A setting of the build plugin; ignored by regguard.' }]),
    ]),
    additionalProperties: false,
  }
}

const string = { type: 'string' }

const spellings = (name: string): string[] =>
  name.includes('_') ? [name, name.replaceAll('_', '-')] : [name]

/** Settings that may be a YAML map or list of maps; Woodpecker passes them as JSON. */
const structured = new Set<string>(['logins', 'docker_config', 'json_key'])

function propertyOf({ name, text, kind, initial, secret, values }: SettingRow): object {
  const fromSecret = {
    type: 'object',
    properties: { from_secret: { type: 'string' } },
    required: ['from_secret'],
    additionalProperties: false,
  }
  return {
    description: text,
    anyOf: [
      ...(structured.has(name) ? [string, { type: 'array' }, { type: 'object' }] : typesOf(kind, values)),
      fromSecret,
    ],
    ...(initial === undefined || secret ? {} : { default: initial }),
  }
}

function typesOf(kind: string, values: readonly string[]): object[] {
  const number = { type: 'number' }
  if (kind === 'boolean') return [{ type: 'boolean' }, string]
  if (kind === 'list') {
    const item = values.length > 0 ? { enum: values } : { anyOf: [string, number] }
    // A string may hold several values, or a variable.
    return [{ type: 'array', items: item }, string, number]
  }
  if (kind === 'number' || kind === 'bytes' || kind === 'duration') return [number, string]
  if (values.length > 0) {
    // Unquoted, some of them are numbers or booleans to YAML.
    const asWritten = values.flatMap((value) => (isPlainInYaml(value) ? [value] : [value, JSON.parse(value)]))
    return [{ enum: asWritten }, { type: 'string', pattern: '\\$\\{' }]
  }
  return [string, number]
}

/** Whether YAML reads the value of a choice as text without quotes around it. */
const isPlainInYaml = (value: string): boolean => !/^(?:true|false|\d+(?:\.\d+)?)$/.test(value)

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`
