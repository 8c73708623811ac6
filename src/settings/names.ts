import { metaOf } from './fields.ts'
import { type SettingName, schema, settingNames } from './schema.ts'

/**
 * Settings of the build plugins (plugin-docker-buildx, plugin-kaniko, their forks) that mean nothing
 * here: a pasted block must not cause complaints.
 */
export const buildOnly = new Set(
  `auto_label auto_labels add_host auto_tag_suffix default_labels default_suffix default_tag default_tags env_file mirrors json_key ignore_var_run aws_access_key_id aws_region aws_secret_access_key bip buildkit_config
  buildkit_debug build_args build_args_from_env build_arg build_args_file cache_from cache_images cache_repo cache_to
  cache_ttl cache context custom_dns custom_dns_search daemon_off dockerfile ecr_create_repository
  ecr_lifecycle_policy ecr_repository_policy ecr_scan_on_push email env environment experimental extra_opts
  force_tag http_proxy https_proxy ipv6 label labels layers mtu named_context no_cache no_proxy no_push_metadata
  no_push output provenance proxy_build_args pull pull_image purge push push_target quiet reproducible sbom
  secret secrets secrets_from_env secrets_from_file single_snapshot skip_unused_stages snapshot_mode squash
  ssh_agent_key storage_driver storage_path target tar_path use_new_run verbosity compress`.split(/\s+/),
)

const byName = new Map<string, SettingName>()
for (const name of settingNames) {
  for (const known of [name, ...(metaOf(schema.shape[name]).aliases ?? [])]) byName.set(known, name)
}

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
