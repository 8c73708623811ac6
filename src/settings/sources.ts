import { emptySecrets } from './empty-secrets.ts'
import { metaOf } from './fields.ts'
import { isBuildOnly, nearestSetting, settingFor, spelled } from './names.ts'
import type { Problem } from './problem.ts'
import { type SettingName, schema } from './schema.ts'
import { splitList } from './texts.ts'

/** The environment of a process. */
export type Env = Record<string, string | undefined>

type Source = 'action' | 'plugin' | 'arguments'

/** Raw texts by setting, and what was wrong on the way. */
export interface RawSettings {
  values: Map<SettingName, string>
  /** The name each setting was given by, for messages. */
  named: Map<SettingName, string>
  problems: Problem[]
  /** Names that mean nothing and resemble nothing here: said, but no reason to stop. */
  unknown: string[]
  /** Every name that was given, those of the build included: they tell which plugin pushed. */
  given: Set<string>
}

/** Lists that are not to be guessed when somebody wrote an empty one. */
const neverEmpty = new Set<SettingName>(['repo', 'tags', 'images'])

/**
 * Collects the settings from `PLUGIN_*` (Woodpecker), `INPUT_*` (Forgejo, Gitea and GitHub Actions) and
 * arguments; the later ones are stronger: INPUT_, PLUGIN_, arguments. Forgejo's runner keeps dashes in
 * `INPUT_` names where GitHub's does too, so both spellings are read. An empty text means unset: an action's
 * unset input arrives as one. An unknown `PLUGIN_*` name near a known one is a problem (a misspelt `tags` would
 * verify something else); any other is only told, since a pasted build step may carry it. Unknown `INPUT_*`
 * names are left alone: an action also sees the inputs of others.
 */
export function collectSettings(env: Env, given: Map<string, string>): RawSettings {
  const raw: RawSettings = {
    values: new Map(),
    named: new Map(),
    problems: [],
    unknown: [],
    given: new Set(),
  }
  take(raw, prefixed(env, 'INPUT_'), 'action')
  take(raw, prefixed(env, 'PLUGIN_'), 'plugin')
  take(raw, given, 'arguments')
  raw.problems.push(...emptySecrets(env, raw))
  return raw
}

function prefixed(env: Env, prefix: string): [string, string][] {
  const found: [string, string][] = []
  for (const [name, value] of Object.entries(env)) {
    if (name.startsWith(prefix) && value !== undefined)
      found.push([spelled(name.slice(prefix.length)), value])
  }
  return found
}

function take(raw: RawSettings, from: Iterable<[string, string]>, source: Source): void {
  const seen = new Map<SettingName, string>()
  for (const [name, value] of from) {
    const setting = settingFor(name)
    if (value.trim() !== '') raw.given.add(name)
    if (!setting) {
      if (source !== 'action' && !isBuildOnly(name)) unknownName(raw, name, source)
      continue
    }
    if (value.trim() === '' || (neverEmpty.has(setting) && splitList(value).length === 0)) {
      if (source === 'plugin' && neverEmpty.has(setting)) raw.problems.push(emptyList(name, setting))
      continue
    }
    const other = seen.get(setting)
    if (other !== undefined && raw.values.get(setting) !== value) {
      raw.problems.push({ setting: name, message: `is the same setting as ${other}; keep one of them` })
      continue
    }
    seen.set(setting, name)
    raw.values.set(setting, value)
    raw.named.set(setting, name)
  }
}

function unknownName(raw: RawSettings, name: string, source: Source): void {
  const nearest = nearestSetting(name)
  if (nearest)
    raw.problems.push({ setting: name, message: `there is no such setting; did you mean ${nearest}?` })
  else if (source === 'plugin') raw.unknown.push(name)
  else raw.problems.push({ setting: name, message: 'there is no such setting; --help lists them' })
}

const emptyList = (name: string, setting: SettingName): Problem => ({
  setting: name,
  message: 'is set, but empty; name at least one, or leave the setting out',
  fix: { [name]: setting === 'tags' ? ['latest'] : [metaOf(schema.shape[setting]).example ?? ''] },
})
