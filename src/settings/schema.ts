import * as z from 'zod'
import { groups } from '../core/groups.ts'
import { runnerAreas } from '../facts/runner.ts'
import { buildPlugins } from './build-plugins.ts'
import { bytes, choice, duration, flag, flagOrAddress, list, span, text, whole, words } from './fields.ts'

/** What can be required: a whole group, or one look at the runner. */
const requirable = [...groups, ...runnerAreas.map((area) => `runner.${area}` as const)]

/**
 * Every setting, once. plugin.yml, action.yml, docs.md and the README's table are made from it by
 * `npm run generate`; the order here is the order there.
 */
export const schema = z.object({
  repo: list({
    text: 'Repositories to verify: `registry.example.com/team/app`, or `team/app` together with `registry`. A tag or digest may be part of it.',
    aliases: ['repos', 'repository'],
    example: 'registry.example.com/team/app',
  }),
  tags: list({
    text: 'Tags that were pushed to each repository.',
    aliases: ['tag'],
    defaultText: 'latest',
  }),
  tags_file: text({
    text: 'A file with the tags, by line or by comma, as build plugins write it; in place of `tags`. On Woodpecker a file `.tags` in the workspace is read without being named, as build plugins do.',
    aliases: ['tag_file'],
  }),
  auto_tag: flag(false, {
    text: 'The tags that the build plugin makes of the git tag or branch, by its own rules (`docs/build-plugins.md`).',
    aliases: ['default_tags'],
  }),
  default_tag: text({
    text: 'With `auto_tag`: the tag of the default branch, as plugin-docker-buildx has it.',
    defaultText: 'latest',
  }),
  auto_tag_suffix: text({
    text: 'With `auto_tag`: what plugin-docker-buildx appends to each tag, after a dash.',
    aliases: ['default_suffix'],
  }),
  pushed_by: choice(['auto', ...buildPlugins], 'auto', {
    text: 'Which plugin pushed, where its other settings do not tell: it decides what `auto_tag` and `.tags` mean.',
  }),
  images: list({
    text: 'Whole references, beside or instead of `repo` and `tags`: `registry.example.com/team/app:1.2`.',
    aliases: ['image', 'extra_tags'],
    example: 'registry.example.com/team/app:1.2',
  }),
  destinations: list({
    text: 'Whole references in place of `repo` and `tags`, as plugin-kaniko has them.',
  }),
  catalog: flag(false, {
    text: 'Verify everything that `registry` lists: every tag of every repository, beside what is named.',
  }),
  registry: text({
    text: 'The registry to log in to, and the host of a `repo` that names none. May be a URL.',
    defaultText: 'the host of `repo`',
  }),
  username: text({ text: 'User name for `registry`.', aliases: ['user'] }),
  password: text({ text: 'Password or access token for `registry`.', secret: true, aliases: ['token'] }),
  logins: text({
    text: 'Logins for several registries: a list of `{registry, username, password}`.',
    secret: true,
  }),
  docker_config: text({
    text: "Logins from Docker's configuration: the JSON of a config.json, or the path of one.",
    secret: true,
    aliases: ['docker_config_json', 'config', 'registry_config'],
  }),
  json_key: text({
    text: "Login to Google's registries: the JSON key of a service account, as plugin-kaniko takes it.",
    secret: true,
  }),
  platforms: list({
    text: 'Platforms each image must have, like `linux/amd64,linux/arm64`.',
    aliases: ['platform'],
    defaultText: 'those it lists',
  }),
  expect_digest: text({ text: 'The digest that the push reported; every tag must name it.' }),
  metadata_file: text({
    text: "buildx's `--metadata-file`: its `containerimage.digest` is expected, and its `image.name` is verified where no image is named.",
  }),
  digest_file: text({ text: 'A file that holds the pushed digest, as kaniko and buildah write it.' }),
  depth: choice(['head', 'probe', 'full'], 'probe', {
    text: '`head`: every blob is listed. `probe`: the last byte of every blob can be read. `full`: every byte is read and hashed.',
  }),
  probe_budget: bytes('256MiB', {
    text: 'How much `probe` may read, in a run, from registries that ignore ranges (Gitea, Forgejo) to prove blobs over 8 MiB.',
  }),
  referrers: flag(false, { text: 'Also verify what refers to the image: signatures, SBOMs, attestations.' }),
  provenance: text({
    text: 'The build was told to attest where the image comes from (`true`, `mode=max`): an image without attestations is a warning.',
  }),
  sbom: text({ text: 'The build was told to attest what is in the image: the same.' }),
  mirror: flagOrAddress({
    text: 'The registry is a pull-through cache: platform images that were never pulled may be absent.',
  }),
  checks: words(groups, groups, { text: 'Groups of checks to run.' }),
  require: words(requirable, ['image'], {
    text: 'Groups that must have been looked at: what could not be seen there ends the step with exit code 3. `runner.rules` requires one look at the runner.',
  }),
  fail_on: choice(['error', 'warning', 'never'], 'error', { text: 'What fails the step.' }),
  settle: duration(0, '0s', {
    text: 'How long a fresh push may answer 404 before it counts: `30s` suits registries that show a push late (GHCR).',
  }),
  timeout: duration(1000, '10m', { text: 'The longest a run may take.' }),
  concurrency: whole(1, 64, 16, { text: 'Requests under way at once.' }),
  insecure: flag(false, {
    text: 'The registry may speak plain HTTP. Loopback addresses need no leave.',
    aliases: ['plain_http'],
  }),
  insecure_registry: list({
    text: 'These registries only may speak plain HTTP; `true` means all.',
    example: 'registry.example.com:5000',
  }),
  ca_file: text({
    text: 'Trust these certificate authorities as well: a file in PEM form, or the PEM text itself.',
  }),
  skip_tls_verify: flag(false, {
    text: 'Do not check the certificate. Said loudly in every report.',
    aliases: ['skip_verify', 'insecure_skip_verify'],
  }),
  private_redirects: flag(false, {
    text: 'Let a public registry lead to private addresses: storage or a token server inside your network.',
  }),
  also_anonymous: flag(false, {
    text: 'The image must be public: also prove that it can be pulled without a login.',
  }),
  runner_window: duration(0, '2s', {
    text: 'How long the runner is watched, at most, while the image is verified.',
  }),
  listeners: list({
    text: 'Ports of the runner that must answer, `22` at its gateway or `10.0.0.5:6443`; without it, usual ones are tried and only warned of.',
    example: '22',
  }),
  docker_socket: text({
    text: "The engine's socket, where it is not at its usual place.",
    defaultText: '/var/run/docker.sock',
  }),
  host_snapshot: flag(false, {
    text: "With the engine's socket: look at the host's links and rules through one short-lived container of regguard's own image, which can read and is always removed.",
  }),
  record: span(1000, {
    text: 'Verify nothing: record the runner for so long, as a detached step or by hand, and keep what was seen before, at and after the first time that its ports were dead.',
  }),
  record_dir: text({
    text: 'Where `record` writes: an empty directory, or one to be made.',
    defaultText: 'regguard-recording',
  }),
  replay: text({
    text: 'Look at nothing: check what `record` kept in this directory.',
  }),
  dry_run: flag(false, { text: 'The build step pushed nothing: verify nothing, and say so.' }),
  output: text({
    text: 'The output of the build: one that pushes nothing (`type=oci`, `push=false`) is like `dry_run`.',
  }),
  env_file: text({
    text: 'A file of `PLUGIN_NAME=value` lines in the workspace. What it sets is stronger than the settings of the step.',
  }),
  report_json: text({ text: 'Write the whole report to this file (`docs/report.schema.json`).' }),
  log_level: choice(
    ['debug', 'info', 'warn', 'error'],
    'info',
    { text: 'How much is said. From `warn` on, a run that finds nothing says its last line only.' },
    { trace: 'debug', warning: 'warn', fatal: 'error', panic: 'error', disabled: 'error' },
  ),
  debug: flag(false, { text: 'The same as `log_level: debug`.' }),
})

/** The settings of a run, read and checked. */
export type Settings = z.output<typeof schema>

export type SettingName = keyof typeof schema.shape

/** The names of all settings, in the order of the tables. */
export const settingNames = Object.keys(schema.shape) as SettingName[]
