import { allBuildSettings } from './build-plugins.ts'
import { metaOf } from './fields.ts'
import { type SettingName, schema, settingNames } from './schema.ts'

const byName = new Map<string, SettingName>()
for (const name of settingNames) {
  for (const known of [name, ...(metaOf(schema.shape[name]).aliases ?? [])]) byName.set(known, name)
}

/** Settings of the Drone and Harness build plugins, still found in pasted blocks. */
const legacyNames = new Set(
  `build_arg build_args_file env force_tag layers no_push no_push_metadata proxy_build_args pull push push_target
  reproducible secret secrets_from_env secrets_from_file skip_unused_stages snapshot_mode squash ssh_agent_key tar_path
  use_new_run verbosity`.split(/\s+/),
)

/**
 * Settings of the build plugins (plugin-docker-buildx, plugin-kaniko and related ones) that regguard ignores without a warning,
 * so that a pasted block works.
 */
export const buildSettings: readonly string[] = [...new Set([...allBuildSettings, ...legacyNames])]
  .filter((name) => !byName.has(name))
  .sort()

/** Whether a name is such a setting. */
export const isBuildOnly = (name: string): boolean => buildSettings.includes(name)

/** The setting with this name or alias; `-`, `.` and spaces count as `_`. */
export const settingFor = (name: string): SettingName | undefined => byName.get(canonicalName(name))

/** A setting's name as documented: lower case, with `_` for `-`, `.` and spaces. */
export const canonicalName = (name: string): string => name.toLowerCase().replace(/[-.\s]/g, '_')

/** The known name closest to a misspelled one, if at most a third of the letters differ. */
export function nearestSetting(name: string): string | undefined {
  const misspelled = canonicalName(name)
  let best: { name: string; distance: number } | undefined
  for (const known of byName.keys()) {
    const distance = editDistance(misspelled, known)
    if (!best || distance < best.distance) best = { name: known, distance }
  }
  return best && best.distance <= Math.max(1, Math.floor(misspelled.length / 3)) ? best.name : undefined
}

/** The Damerau-Levenshtein distance (optimal string alignment): swapping two adjacent letters is one edit. */
export function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)]
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i]
    const above = rows[i - 1] ?? []
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1
      let min = Math.min((row[j - 1] ?? 0) + 1, (above[j] ?? 0) + 1, (above[j - 1] ?? 0) + same)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        min = Math.min(min, (rows[i - 2]?.[j - 2] ?? 0) + 1)
      }
      row.push(min)
    }
    rows.push(row)
  }
  return rows[a.length]?.[b.length] ?? 0
}
