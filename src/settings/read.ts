import { metaOf } from './fields.ts'
import type { Problem } from './problem.ts'
import { type SettingName, type Settings, schema } from './schema.ts'
import { collectSettings, type Env } from './sources.ts'
import { holdsCommas, splitCommas } from './texts.ts'

/** `given` are the names of all that was set. */
export type ReadSettings =
  | { ok: true; value: Settings; unknown: string[]; given: ReadonlySet<string> }
  /** `value` has defaults in place of what was wrong, so that later mistakes are found in the same run. */
  | { ok: false; problems: Problem[]; value: Settings; given: ReadonlySet<string> }

/**
 * From environment and arguments to settings, or to every mistake at once. A secret's value is never
 * part of a problem.
 */
export function readSettings(env: Env, given: Map<string, string> = new Map()): ReadSettings {
  const raw = collectSettings(env, given)
  const parsed = schema.safeParse(Object.fromEntries(raw.values))
  if (parsed.success) {
    const { problems, unknown, given: names } = raw
    return problems.length > 0
      ? { ok: false, problems, value: parsed.data, given: names }
      : { ok: true, value: coherent(parsed.data, names), unknown, given: names }
  }
  const problems = parsed.error.issues.map((issue): Problem => {
    const setting = issue.path[0] as SettingName
    const value = raw.values.get(setting)
    const { secret = false, kind } = metaOf(schema.shape[setting])
    const name = raw.named.get(setting) ?? setting
    const items =
      kind === 'list' && value !== undefined && holdsCommas(value) ? splitCommas(value) : undefined
    return {
      setting: name,
      ...(secret || value === undefined ? {} : { value }),
      message: issue.message,
      ...(items ? { fix: { [name]: items } } : {}),
    }
  })
  const wrong = new Set(parsed.error.issues.map((issue) => issue.path[0]))
  const rest = [...raw.values].filter(([name]) => !wrong.has(name))
  return {
    ok: false,
    problems: [...raw.problems, ...problems],
    value: schema.parse(Object.fromEntries(rest)),
    given: raw.given,
  }
}

/**
 * A recording, and what is made of one, is of the runner alone. What is required by default is not required of a run that does
 * not check it.
 */
function coherent(read: Settings, given: ReadonlySet<string>): Settings {
  const alone = read.record !== undefined || read.replay !== undefined
  const settings: Settings = alone ? { ...read, checks: ['runner'] } : read
  if (given.has('require')) return settings
  return {
    ...settings,
    require: settings.require.filter((one) => (settings.checks as string[]).includes(one)),
  }
}
