/**
 * The supported build plugins. Their setting names were read from their sources: plugin-docker-buildx 3.2.1 and 5.1,
 * plugin-kaniko 2.3.1, wp-docker-buildx of 2026-08, and Drone's plugins/docker of 2026-07 and plugins/kaniko of 2026-06.
 */
export const buildPlugins = [
  'plugin-docker-buildx',
  'plugin-kaniko',
  'wp-docker-buildx',
  'plugins/docker',
  'plugins/kaniko',
] as const
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
    ecr_repository_policy ecr_scan_on_push buildkit_oci_max_parallelism env_file http_proxy https_proxy label logins no_proxy purge remote_builders
    skip_verify ssh_key tag_file tags_file`),
  'plugin-kaniko': wordSet(`auto_tag build_args build_args_from_env cache cache_repo cache_ttl cleanup context
    destinations docker_config_json dockerfile dry_run env_file extra_opts ignore_var_run insecure insecure_pull
    insecure_registry json_key log_level mirrors password registry repo single_snapshot skip_tls_verify tags target
    username`),
  'wp-docker-buildx':
    wordSet(`${sharedNames} containerfile default_tags environment extra_tags insecure_skip_verify
    max_concurrent_uploads named_context registry_config`),
  'plugins/docker':
    wordSet(`add_host artifact_file auto_label auto_tag auto_tag_suffix base_image_password base_image_registry
    base_image_username bip build_args build_args_from_env build_args_new cache_from compress config context cosign_params
    cosign_password cosign_private_key custom_dns custom_dns_search custom_labels daemon_off daemon_retry_count debug
    default_suffix default_tags dockerfile dry_run email env_file experimental insecure ipv6 label_schema mirror mtu
    multiple_build_args no_cache password platform pull_image purge push_only quiet registry registry_type repo repo_link
    secret secrets_from_env secrets_from_file source_image squash ssh_agent_key storage_driver storage_path tag tags target
    username`),
  'plugins/kaniko':
    wordSet(`artifact_file auto_tag auto_tag_suffix base_image_password base_image_registry base_image_username
    build_args build_args_new cache_copy_layers cache_dir cache_repo cache_run_layers cache_ttl cleanup compressed_caching
    config context context_sub_path custom_labels custom_platform dockerfile enable_cache env_file expand_repo expand_tag force
    ignore_path ignore_paths ignore_var_run image_download_retry image_fs_extract_retry image_name_tag_with_digest_file
    image_name_with_digest_file insecure insecure_pull insecure_registry log_format log_timestamp multiple_build_args no_push
    oci_layout_path password platform push_only push_retry registry registry_certificate registry_client_cert
    registry_mirrors repo reproducible single_snapshot skip_default_registry_fallback skip_push_permission_check
    skip_tls_verify skip_tls_verify_pull skip_tls_verify_registry skip_unused_stages snapshot_mode source_tar_path tags
    tar_path target use_new_run username verbosity`),
}

/** The plugins made for Woodpecker. Drone's run there, too, but are assumed only where the settings are those of no other. */
const woodpeckerPlugins: readonly BuildPlugin[] = [
  'plugin-docker-buildx',
  'plugin-kaniko',
  'wp-docker-buildx',
]

/**
 * Settings that people also add for regguard itself, so they are no evidence of which plugin pushed: settings for certificates
 * and logins, and `tags_file` with a list that another step wrote.
 */
const notEvidence =
  wordSet(`config debug docker_config_json insecure insecure_registry insecure_skip_verify log_level
  mirror registry_config skip_tls_verify skip_tls_verify_registry skip_verify tag tag_file tags_file`)

/** Every setting that at least one build plugin reads. */
export const allBuildSettings: ReadonlySet<string> = new Set(
  buildPlugins.flatMap((plugin) => [...settingsOf[plugin]]),
)

/**
 * Plugins that may have pushed, judged by the names of the given settings: those that read every one of them, or all of
 * Woodpecker's if none does.
 */
export function pluginsFor(given: Iterable<string>): BuildPlugin[] {
  const evidence = [...given].filter((name) => allBuildSettings.has(name) && !notEvidence.has(name))
  const reads = (plugin: BuildPlugin) => evidence.every((name) => settingsOf[plugin].has(name))
  const [woodpecker, all] = [woodpeckerPlugins.filter(reads), buildPlugins.filter(reads)]
  if (woodpecker.length > 0) return woodpecker
  return all.length > 0 ? all : [...woodpeckerPlugins]
}

function wordSet(words: string): ReadonlySet<string> {
  return new Set(words.trim().split(/\s+/))
}
