/**
 * The supported build plugins. Their setting names were read from their sources: plugin-docker-buildx 3.2.1 and 5.1,
 * plugin-kaniko 2.3.1, wp-docker-buildx of 2026-08.
 */
export const buildPlugins = ['plugin-docker-buildx', 'plugin-kaniko', 'wp-docker-buildx'] as const
export type BuildPlugin = (typeof buildPlugins)[number]

/** Settings that plugin-docker-buildx and wp-docker-buildx share. */
const sharedNames = `add_host auto_label auto_tag auto_tag_suffix bip build_args build_args_from_env buildkit_config cache_from
  cache_to compress context custom_dns custom_dns_search daemon_off debug default_labels default_suffix dry_run email
  experimental insecure ipv6 labels log_level mirror mtu no_cache output password platforms provenance pull_image quiet
  registry repo sbom secrets storage_driver storage_path tag tags target username`

/** Every setting that each plugin reads, spelled as `canonicalName` does. */
const settingsOf: Record<BuildPlugin, ReadonlySet<string>> = {
  'plugin-docker-buildx':
    wordSet(`${sharedNames} auto_labels aws_access_key_id aws_region aws_secret_access_key buildkit_debug
    buildkit_driveropt cache_images config default_tag dockerfile ecr_create_repository ecr_lifecycle_policy
    ecr_repository_policy ecr_scan_on_push env_file http_proxy https_proxy label logins no_proxy purge remote_builders
    skip_verify ssh_key tag_file tags_file`),
  'plugin-kaniko': wordSet(`auto_tag build_args build_args_from_env cache cache_repo cache_ttl cleanup context
    destinations docker_config_json dockerfile dry_run env_file extra_opts ignore_var_run insecure insecure_pull
    insecure_registry json_key log_level mirrors password registry repo single_snapshot skip_tls_verify tags target
    username`),
  'wp-docker-buildx':
    wordSet(`${sharedNames} containerfile default_tags environment extra_tags insecure_skip_verify
    max_concurrent_uploads named_context registry_config`),
}

/**
 * Settings that people also add for regguard itself, so they are no evidence of which plugin pushed: settings for certificates
 * and logins, and `tags_file` with a list that another step wrote.
 */
const notEvidence =
  wordSet(`config debug docker_config_json insecure insecure_registry insecure_skip_verify log_level
  mirror registry_config skip_tls_verify skip_verify tag tag_file tags_file`)

/** Every setting that at least one build plugin reads. */
export const allBuildSettings: ReadonlySet<string> = new Set(
  buildPlugins.flatMap((plugin) => [...settingsOf[plugin]]),
)

/**
 * Plugins that may have pushed, judged by the names of the given settings: those that read every one of them, or all plugins if
 * none does.
 */
export function pluginsFor(given: Iterable<string>): BuildPlugin[] {
  const evidence = [...given].filter((name) => allBuildSettings.has(name) && !notEvidence.has(name))
  const matching = buildPlugins.filter((plugin) => evidence.every((name) => settingsOf[plugin].has(name)))
  return matching.length > 0 ? matching : [...buildPlugins]
}

function wordSet(words: string): ReadonlySet<string> {
  return new Set(words.trim().split(/\s+/))
}
