import { commonSettings } from '../src/settings/common.ts'
import { metaOf } from '../src/settings/fields.ts'
import { type SettingName, schema, settingNames } from '../src/settings/schema.ts'

/** One setting as the generated files describe it. */
export interface SettingRow {
  name: SettingName
  kind: string
  text: string
  initial: string | undefined
  secret: boolean
  aliases: string[]
  /** The allowed values of the setting, or of each item of a list. */
  values: readonly string[]
  advanced: boolean
}

/** Every setting, in the order of the schema. */
export const settingRows: SettingRow[] = settingNames.map((name) => {
  const {
    kind,
    text: about,
    defaultText,
    secret = false,
    aliases = [],
    values = [],
  } = metaOf(schema.shape[name])
  const text = about + valuesText(about, kind, values)
  return {
    name,
    kind,
    text,
    initial: defaultText,
    secret,
    aliases,
    values,
    advanced: !commonSettings.has(name),
  }
})

/** The allowed values, unless the text already lists them. Single areas such as `runner.rules` are left out. */
function valuesText(text: string, kind: string, values: readonly string[]): string {
  const words = values.filter((value) => !value.includes('.'))
  if (words.every((word) => text.includes(`\`${word}\``))) return ''
  return ` ${kind === 'list' ? 'Any of' : 'One of'} ${words.map((word) => `\`${word}\``).join(', ')}.`
}

/** The tables of README.md and docs.md, in the format of Woodpecker's plugin pages. */
export function settingsTables(): string {
  const main = settingRows.filter((row) => !row.advanced)
  const advanced = settingRows.filter((row) => row.advanced)
  return [...table(main), '', '### Advanced settings', '', ...table(advanced)].join('\n')
}

function table(rows: SettingRow[]): string[] {
  return [
    '| Settings Name | Default | Description |',
    '| --- | --- | --- |',
    ...rows.map(({ name, initial, text, aliases, secret }) => {
      const value = initial === undefined ? '_none_' : initial.includes(' ') ? initial : `\`${initial}\``
      const also = aliases.length > 0 ? ` Also: ${aliases.map((alias) => `\`${alias}\``).join(', ')}.` : ''
      const hidden = secret ? ' Use `from_secret`.' : ''
      return `| \`${name}\` | ${value} | ${`${text}${also}${hidden}`.replaceAll('|', '\\|')} |`
    }),
  ]
}
