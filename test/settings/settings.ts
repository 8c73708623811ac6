import { type Plan, type PushRecord, planTargets } from '../../src/settings/plan/plan.ts'
import type { Problem } from '../../src/settings/problem.ts'
import { readSettings } from '../../src/settings/read.ts'
import type { SettingName, Settings } from '../../src/settings/schema.ts'

/** Settings as Woodpecker passes them: `tags` becomes PLUGIN_TAGS. */
export const plugin = (given: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(given).map(([name, value]) => [
      `PLUGIN_${name.toUpperCase().replace(/[-.]/g, '_')}`,
      value,
    ]),
  )

/** The settings in an environment; throws if there are problems. */
export function settingsIn(env: Record<string, string>, given?: Map<string, string>): Settings {
  const read = readSettings(env, given)
  if (!read.ok) throw new Error(JSON.stringify(read.problems))
  return read.value
}

/** The problems in an environment. */
export function problemsIn(env: Record<string, string>, given?: Map<string, string>): Problem[] {
  const read = readSettings(env, given)
  return read.ok ? [] : read.problems
}

/** The value of one setting, given as text in a pipeline. */
export const setTo = <N extends SettingName>(name: N, text: string): Settings[N] =>
  settingsIn(plugin({ [name]: text }))[name]

/** The problem with one setting, given as text in a pipeline; undefined if it is valid. */
export const problemWith = (name: string, text: string): string | undefined =>
  problemsIn(plugin({ [name]: text })).find(({ setting }) => setting === name)?.message

const emptyRecord: PushRecord = { images: [] }

/** The plan that these settings give; throws if there are problems. */
export function planOf(given: Record<string, string>, record = emptyRecord): Plan {
  const plan = planTargets(settingsIn(plugin(given)), record)
  if (!plan.ok) throw new Error(JSON.stringify(plan.problems))
  return plan.value
}

/** The problems of the plan that these settings give. */
export function planProblems(given: Record<string, string>, record = emptyRecord): Problem[] {
  const plan = planTargets(settingsIn(plugin(given)), record)
  return plan.ok ? [] : plan.problems
}
