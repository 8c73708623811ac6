import { emptySecrets } from './empty-secrets.ts'
import { metaOf } from './fields.ts'
import { canonicalName, isBuildOnly, nearestSetting, settingFor } from './names.ts'
import type { Problem } from './problem.ts'
import { type SettingName, schema } from './schema.ts'
import { splitList } from './texts.ts'

/** Environment variables. */
export type Env = Record<string, string | undefined>

type Source = 'action' | 'plugin' | 'arguments'

/** The unparsed values of all settings, and the problems found while collecting them. */
export interface RawSettings {
  values: Map<SettingName, string>
  /** The name or alias that each setting was given by, for messages. */
  named: Map<SettingName, string>
  problems: Problem[]
  /** Unknown names that resemble no setting: a warning, not a problem. */
  unknown: string[]
  /** Every name that was given, build settings included: they show which plugin pushed. */
  given: Set<string>
  /** Inputs of an action that were passed without a value. */
  empty: Set<SettingName>
}

/** The default of `tags` in action.yml. */
export const declaredTags = 'latest'

/** Lists that have no safe default if they are set but empty. */
const mustNotBeEmpty = new Set<SettingName>(['repo', 'tags', 'images'])

/**
 * Collects the settings from `INPUT_*` (Forgejo, Gitea and GitHub Actions), `PLUGIN_*` (Woodpecker) and the command line; the
 * later source wins. The Forgejo and GitHub runners keep dashes in `INPUT_` names, so both spellings are read. An empty value
 * means unset, because an action's unset input is empty.
 *
 * An unknown name close to a known one is a problem: with a misspelled `tags`, another image would be verified. Any other unknown
 * `PLUGIN_*` name is a warning, because a pasted build step may contain it. Any other unknown `INPUT_*` name is ignored: a step of a
 * composite action also sees the inputs of others.
 */
export function collectSettings(env: Env, args: Map<string, string>): RawSettings {
  const raw: RawSettings = {
    values: new Map(),
    named: new Map(),
    problems: [],
    unknown: [],
    given: new Set(),
    empty: new Set(),
  }
  collectFrom(raw, withPrefix(env, 'INPUT_'), 'action')
  collectFrom(raw, withPrefix(env, 'PLUGIN_'), 'plugin')
  collectFrom(raw, args, 'arguments')
  raw.problems.push(...emptySecrets(env, raw))
  return raw
}

function withPrefix(env: Env, prefix: string): [string, string][] {
  const found: [string, string][] = []
  for (const [name, value] of Object.entries(env)) {
    if (name.startsWith(prefix) && value !== undefined)
      found.push([canonicalName(name.slice(prefix.length)), value])
  }
  return found
}

function collectFrom(raw: RawSettings, from: Iterable<[string, string]>, source: Source): void {
  const seen = new Map<SettingName, string>()
  for (const [name, value] of from) {
    const setting = settingFor(name)
    // action.yml declares this default, so that an empty input is one that was passed empty.
    if (source === 'action' && setting === 'tags' && value.trim() === declaredTags) continue
    if (value.trim() !== '') raw.given.add(name)
    if (!setting) {
      if (!isBuildOnly(name)) reportUnknown(raw, name, source)
      continue
    }
    if (value.trim() === '' || (mustNotBeEmpty.has(setting) && splitList(value).length === 0)) {
      if (source === 'plugin' && mustNotBeEmpty.has(setting)) raw.problems.push(emptyList(name, setting))
      if (source === 'action') raw.empty.add(setting)
      continue
    }
    const other = seen.get(setting)
    if (other !== undefined && raw.values.get(setting) !== value) {
      raw.problems.push({
        setting: name,
        message: `is the same setting as ${other}, with another value; keep one of them`,
      })
      continue
    }
    seen.set(setting, name)
    raw.values.set(setting, value)
    raw.named.set(setting, name)
  }
}

function reportUnknown(raw: RawSettings, name: string, source: Source): void {
  const nearest = nearestSetting(name)
  if (nearest) raw.problems.push({ setting: name, message: `unknown setting; did you mean ${nearest}?` })
  else if (source === 'plugin') raw.unknown.push(name)
  else if (source === 'arguments')
    raw.problems.push({ setting: name, message: 'unknown setting; --help lists all settings' })
}

const emptyList = (name: string, setting: SettingName): Problem => ({
  setting: name,
  message: 'is empty; list at least one item or remove the setting',
  fix: { [name]: setting === 'tags' ? ['latest'] : [metaOf(schema.shape[setting]).example ?? ''] },
})
