import { allBuildSettings } from './build-plugins.ts'
import { metaOf } from './fields.ts'
import { type SettingName, schema, settingNames } from './schema.ts'

const byName = new Map<string, SettingName>()
for (const name of settingNames) {
  for (const known of [name, ...(metaOf(schema.shape[name]).aliases ?? [])]) byName.set(known, name)
}

/** Settings of Drone's and Harness's build plugins, which their blocks still carry. */
const olderNames = new Set(
  `build_arg build_args_file env force_tag layers no_push no_push_metadata proxy_build_args pull push push_target
  reproducible secret secrets_from_env secrets_from_file skip_unused_stages snapshot_mode squash ssh_agent_key tar_path
  use_new_run verbosity`.split(/\s+/),
)

/**
 * The settings of the build plugins (plugin-docker-buildx, plugin-kaniko, their relatives) that mean nothing here: a
 * pasted block must not cause complaints.
 */
export const buildSettings: readonly string[] = [...new Set([...allBuildSettings, ...olderNames])]
  .filter((name) => !byName.has(name))
  .sort()

/** True for one of them. */
export const isBuildOnly = (name: string): boolean => buildSettings.includes(name)

/** The setting that a name or one of its aliases means; `-` and `.` count as `_`. */
export const settingFor = (name: string): SettingName | undefined => byName.get(spelled(name))

/** A setting's name as the tables write it. */
export const spelled = (name: string): string => name.toLowerCase().replace(/[-.\s]/g, '_')

/** The known name that is nearest to a misspelt one, if one is near: at most a third of its letters differ. */
export function nearestSetting(name: string): string | undefined {
  const wanted = spelled(name)
  let best: { name: string; distance: number } | undefined
  for (const known of byName.keys()) {
    const distance = editDistance(wanted, known)
    if (!best || distance < best.distance) best = { name: known, distance }
  }
  return best && best.distance <= Math.max(1, Math.floor(wanted.length / 3)) ? best.name : undefined
}

/** Damerau's distance with neighbouring letters swapped as one step (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)]
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i]
    const above = rows[i - 1] ?? []
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1
      let least = Math.min((row[j - 1] ?? 0) + 1, (above[j] ?? 0) + 1, (above[j - 1] ?? 0) + same)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        least = Math.min(least, (rows[i - 2]?.[j - 2] ?? 0) + 1)
      }
      row.push(least)
    }
    rows.push(row)
  }
  return rows[a.length]?.[b.length] ?? 0
}
