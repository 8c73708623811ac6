import { metaOf } from '../settings/fields.ts'
import { schema, settingNames } from '../settings/schema.ts'

const wide = 100

/** The text of `--help`. */
export function helpText(version: string): string {
  const settings = settingNames.flatMap((name) => {
    const { text, kind, defaultText } = metaOf(schema.shape[name])
    const value = kind === 'boolean' ? '' : ` <${kind}>`
    const initial = defaultText === undefined ? '' : ` Default: ${defaultText}.`
    return [`  --${name}${value}`, ...fold(`${text}${initial}`, wide - 6).map((part) => `      ${part}`)]
  })
  return [
    `regguard ${version}: proves that a pushed image can be pulled, and says what is wrong when it can't.`,
    '',
    'Usage',
    '  regguard-plugin REF…            verify references (registry.example.com/team/app:1.2)',
    '  regguard-plugin                 verify what PLUGIN_* (Woodpecker) or INPUT_* (Actions) name',
    '  regguard-plugin demo            see it find three things in a registry of its own',
    '  regguard-plugin explain ID      read about a finding; without ID, list them all',
    '',
    'Exit codes',
    '  0 all required groups hold · 1 findings · 2 bad settings · 3 a required group could not be looked at',
    '  130, 143 stopped by a signal',
    '',
    'Settings: --name value here, name: value in a pipeline',
    ...settings,
    '',
  ].join('\n')
}

function fold(text: string, width: number): string[] {
  const lines: string[] = []
  let current = ''
  for (const word of text.split(' ')) {
    if (current !== '' && current.length + 1 + word.length > width) {
      lines.push(current)
      current = word
    } else {
      current = current === '' ? word : `${current} ${word}`
    }
  }
  return [...lines, current]
}
