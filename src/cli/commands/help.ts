import { clean } from '../../outputs/terminal/clean.ts'
import { paint } from '../../outputs/terminal/paint.ts'
import { commonSettings } from '../../settings/common.ts'
import { metaOf, type SettingMeta } from '../../settings/fields.ts'
import { nearestSetting, settingFor } from '../../settings/names.ts'
import { type SettingName, schema, settingNames } from '../../settings/schema.ts'
import type { CommandText } from '../io.ts'

const width = 100

/** The text of `--help`: the common settings first. */
export function helpText(version: string): string {
  return [
    `regguard ${version}: proves that a pushed image can be pulled, and says what is wrong when it can't.`,
    '',
    paint.bold('Usage'),
    '  regguard-plugin [verify] REF…   verify references (registry.example.com/team/app:1.2)',
    '  regguard-plugin                 verify what PLUGIN_* (Woodpecker) or INPUT_* (Actions) name',
    '  regguard-plugin scan ROOT       inspect the storage of a registry: what is broken, or will be',
    '  regguard-plugin watch HOST…     inspect whole registries again and again, and serve metrics',
    '  regguard-plugin cluster         find the images that nodes of Kubernetes cannot pull, and why',
    '  regguard-plugin probe HOST…     probe the way to hosts again and again, and serve what was seen',
    '  regguard-plugin demo            verify images in a registry of its own, check a recorded runner',
    '  regguard-plugin demo --html F   the same, with a page of each to look at: F lists them',
    '  regguard-plugin compare A B…    compare the network path as several runs saw it (report_json)',
    '  regguard-plugin replay FILE     show the report of an earlier run again, in any form (report_json)',
    '  regguard-plugin explain ID      print the page of a finding; without ID, list all findings',
    '  regguard-plugin help SETTING    describe one setting',
    '  regguard-plugin version         print the version',
    '',
    paint.bold('Exit codes'),
    '  0 all required groups hold · 1 findings · 2 bad settings or arguments',
    '  3 a required group could not be inspected, or regguard crashed · 130, 143 stopped by a signal',
    '',
    paint.bold('Common settings: --name value here, name: value in a pipeline'),
    ...[...commonSettings].flatMap((name) => entry(name)),
    '',
    paint.bold('All other settings'),
    ...settingNames.filter((name) => !commonSettings.has(name)).flatMap((name) => entry(name)),
    '',
  ].join('\n')
}

/** The text of `help SETTING`: one setting, by its name or an alias. */
export function settingHelp(name: string): CommandText {
  const wanted = name.replace(/^--?/, '')
  const setting = settingFor(wanted)
  if (setting !== undefined)
    return { ok: true, text: [...entry(setting), ...details(setting), ''].join('\n') }
  const near = nearestSetting(wanted)
  const hint = near === undefined ? '“regguard-plugin help” lists them' : `did you mean ${near}?`
  return { ok: false, text: `There is no setting “${clean(wanted)}”; ${hint}\n` }
}

function entry(name: SettingName): string[] {
  const { text, defaultText, aliases = [], ...meta } = metaOf(schema.shape[name])
  const also = aliases.length > 0 ? `   also ${aliases.map((alias) => `--${alias}`).join(', ')}` : ''
  const initial = defaultText === undefined ? '' : ` Default: ${defaultText}.`
  return [
    `  ${paint.bold(`--${name}`)}${placeholder(meta)}${also}`,
    ...fold(`${text}${initial}`, width - 6).map((part) => `      ${part}`),
  ]
}

/** What only `help SETTING` shows. */
function details(name: SettingName): string[] {
  const { values = [], kind, secret } = metaOf(schema.shape[name])
  const all = kind === 'list' && values.length > 0 ? [`Any of: ${values.join(', ')}.`] : []
  const hidden =
    secret === true ? ['In a pipeline, give it with from_secret or as a secret of the repository.'] : []
  return [...all, ...hidden].flatMap((text) => fold(text, width - 6).map((part) => `      ${part}`))
}

const placeholders: Record<string, string> = {
  string: ' <text>',
  list: ' <a,b,…>',
  number: ' <number>',
  duration: ' <time>',
  bytes: ' <size>',
  boolean: '',
}

/** The form of a value: up to five of the allowed values, or its kind. The others are left to `help SETTING`, as is `runner.rules`. */
function placeholder({ kind, values }: Pick<SettingMeta, 'kind' | 'values'>): string {
  if (values === undefined) return placeholders[kind] ?? ' <value>'
  const words = values.filter((value) => !value.includes('.')).slice(0, 5)
  const more = words.length < values.length ? ['…'] : []
  return kind === 'list' ? ` <${[...words, ...more].join(',')}>` : ` <${[...words, ...more].join('|')}>`
}

function fold(text: string, maxWidth: number): string[] {
  const lines: string[] = []
  let current = ''
  for (const word of text.split(' ')) {
    if (current !== '' && current.length + 1 + word.length > maxWidth) {
      lines.push(current)
      current = word
    } else {
      current = current === '' ? word : `${current} ${word}`
    }
  }
  return [...lines, current]
}
