import { type Plan, type PushRecord, planTargets } from '../../src/settings/plan/plan.ts'
import type { Problem } from '../../src/settings/problem.ts'
import { readSettings } from '../../src/settings/read.ts'
import type { SettingName, Settings } from '../../src/settings/schema.ts'

/** Settings as Woodpecker hands them over: `tags` becomes PLUGIN_TAGS. */
export const plugin = (given: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(given).map(([name, value]) => [
      `PLUGIN_${name.toUpperCase().replace(/[-.]/g, '_')}`,
      value,
    ]),
  )

/** The settings of an environment; throws where there are problems. */
export function settingsIn(env: Record<string, string>, given?: Map<string, string>): Settings {
  const read = readSettings(env, given)
  if (!read.ok) throw new Error(JSON.stringify(read.problems))
  return read.value
}

/** What is wrong in an environment. */
export function problemsIn(env: Record<string, string>, given?: Map<string, string>): Problem[] {
  const read = readSettings(env, given)
  return read.ok ? [] : read.problems
}

/** One setting, given as text in a pipeline. */
export const setTo = <N extends SettingName>(name: N, text: string): Settings[N] =>
  settingsIn(plugin({ [name]: text }))[name]

/** What is said of one setting, given as text in a pipeline; undefined when it is right. */
export const complaint = (name: string, text: string): string | undefined =>
  problemsIn(plugin({ [name]: text })).find(({ setting }) => setting === name)?.message

const nothing: PushRecord = { images: [] }

/** What these settings make a run look at; throws where there are problems. */
export function planOf(given: Record<string, string>, record = nothing): Plan {
  const plan = planTargets(settingsIn(plugin(given)), record)
  if (!plan.ok) throw new Error(JSON.stringify(plan.problems))
  return plan.value
}

/** What is wrong with the targets that these settings name. */
export function planProblems(given: Record<string, string>, record = nothing): Problem[] {
  const plan = planTargets(settingsIn(plugin(given)), record)
  return plan.ok ? [] : plan.problems
}
