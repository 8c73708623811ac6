import * as z from 'zod'
import { groups, usualGroups } from '../core/groups.ts'
import { proofWords } from '../core/proof.ts'
import { runnerAreas } from '../facts/runner.ts'
import { buildPlugins } from './build-plugins.ts'
import { docsUrlRule, isDocsUrl } from './docs-url.ts'
import {
  budget,
  bytes,
  choice,
  choices,
  duration,
  flag,
  flagOrAddress,
  integer,
  list,
  optionalDuration,
  optionalInteger,
  rate,
  text,
} from './fields.ts'
import { isRegistryAddress, isRegistryOrBoolean, registryAddressRule } from './registry-address.ts'

/** What can be required: a group, or a single area of the runner. */
const requirable = [...groups, ...runnerAreas.map((area) => `runner.${area}` as const)]

/** What people write for a generation of the registry. */
const gcVersionNames = {
  ...Object.fromEntries(['2', '2.8.0', '2.8.1', '2.8.2', '2.8.3'].map((name) => [name, '2.8' as const])),
  ...Object.fromEntries(
    ['3.0', '3.0.0', '3.1', '3.1.0', '3.1.1', '3.1.2'].map((name) => [name, '3' as const]),
  ),
}

/**
 * Every setting. `npm run generate` writes plugin.yml, action.yml, the tables of README.md and docs.md, and the JSON schema
 * from it, in this order.
 */
export const schema = z.object({
  repo: list({
    text: 'Repositories to verify: `registry.example.com/team/app`, or `team/app` with `registry` set. May include a tag or a digest.',
    aliases: ['repos', 'repository'],
    example: 'registry.example.com/team/app',
  }),
  tags: list({
    text: 'Tags pushed to each repository.',
    aliases: ['tag'],
    defaultText: 'latest',
  }),
  tags_file: text({
    text: 'A file with the tags, separated by newlines or commas, as build plugins write it. Replaces `tags`. On Woodpecker, a file `.tags` in the workspace is read without this setting, as build plugins do.',
    aliases: ['tag_file'],
  }),
  auto_tag: flag(false, {
    text: 'Verify the tags that the build plugin derives from the git tag or branch, by the rules of that plugin (`docs/build-plugins.md`).',
    aliases: ['default_tags'],
  }),
  default_tag: text({
    text: 'With `auto_tag`: the tag for the default branch, as in plugin-docker-buildx.',
    defaultText: 'latest',
  }),
  auto_tag_suffix: text({
    text: 'With `auto_tag`: the suffix that the build plugin appends to each tag, after a dash.',
    aliases: ['default_suffix'],
  }),
  expand_tag: flag(false, {
    text: 'As in plugins/kaniko: a tag that is a version was pushed as `1`, `1.2` and `1.2.3`.',
  }),
  pushed_by: choice(['auto', ...buildPlugins], 'auto', {
    text: 'The plugin that pushed, if its other settings do not show which it was. Decides what `auto_tag` and `.tags` mean.',
  }),
  images: list({
    text: 'Full references, in addition to `repo` and `tags` or instead of them: `registry.example.com/team/app:1.2`.',
    aliases: ['image', 'extra_tags'],
    example: 'registry.example.com/team/app:1.2',
  }),
  destinations: list({
    text: 'Full references that replace `repo` and `tags`, as in plugin-kaniko.',
  }),
  catalog: flag(false, {
    text: 'Also verify the whole registry: every tag of every repository that `registry` lists.',
  }),
  registry: text({
    text: 'The registry to log in to, and the host of a `repo` that has none. May be a URL.',
    defaultText: 'the host of `repo`',
  }).refine((value) => value === undefined || isRegistryAddress(value), { error: registryAddressRule }),
  username: text({ text: 'User name for `registry`.', aliases: ['user'] }),
  password: text({ text: 'Password or access token for `registry`.', secret: true, aliases: ['token'] }),
  logins: text({
    text: 'Logins for several registries: a list of `{registry, username, password}`.',
    secret: true,
  }),
  docker_config: text({
    text: 'Logins from a Docker configuration: the JSON of a config.json, or the path of one.',
    secret: true,
    aliases: ['docker_config_json', 'config', 'registry_config'],
  }),
  json_key: text({
    text: 'Login for Google registries: the JSON key of a service account, as in plugin-kaniko.',
    secret: true,
  }),
  platforms: list({
    text: 'Platforms that each image must have: `linux/amd64,linux/arm64`.',
    aliases: ['platform'],
    defaultText: 'those the image lists',
  }),
  expect_digest: text({
    text: 'The digest that the push reported. Every tag must resolve to it.',
    aliases: ['digest'],
  }),
  metadata_file: text({
    text: 'The file that buildx wrote for `--metadata-file`, or its content: its `containerimage.digest` is the expected digest, and its `image.name` is verified if no other image is named.',
    aliases: ['metadata'],
  }),
  digest_file: text({ text: 'A file with the pushed digest, as kaniko and buildah write it.' }),
  artifact_file: text({
    text: 'The file that plugins/docker or plugins/kaniko wrote for `artifact_file`: its digest is the expected digest, and its images are verified if no other image is named.',
  }),
  depth: choice(['head', 'probe', 'full'], 'probe', {
    text: `\`head\`: each blob is ${proofWords.listed.one}. \`probe\`: ${proofWords['last-byte'].one}. \`full\`: ${proofWords.whole.one}, and layers are ${proofWords.unpacked.one}.`,
  }),
  sample: integer(0, 100, 1, {
    text: 'How many layers `probe` reads whole and hashes, largest first, of one platform on each registry: proxies that serve ranges may fail on large bodies. `0` reads none. A layer larger than 8 MiB counts against `probe_budget`.',
  }),
  probe_budget: bytes('256MiB', {
    text: 'How much data `probe` may read per run of blobs larger than 8 MiB: for `sample`, and to prove blobs on registries that ignore range requests (Gitea, Forgejo).',
  }),
  referrers: flag(false, {
    text: 'Also verify artifacts that refer to the image: signatures, SBOMs, attestations.',
  }),
  provenance: text({
    text: 'The `provenance` setting of the build (`true`, `mode=max`). If it asks for provenance, an image without attestations is a warning.',
  }),
  sbom: text({
    text: 'The `sbom` setting of the build. If it asks for an SBOM, an image without attestations is a warning.',
  }),
  mirror: flagOrAddress({
    text: 'The registry is a pull-through cache: what was never pulled may be missing. A scan recognises a cache by its `scheduler-state.json`, or through `docker_socket` by the configuration of its container; set it where neither is there.',
  }),
  mirror_coverage: list({
    text: 'Which of the images this mirror or pull-through cache holds whole, and which a node could not pull if their registry were gone: `mirror.lan:5000` for all registries, `docker.io=mirror.lan:5000` for one, with a path if it has one (`ghcr.io=harbor.lan/ghcr`). With `mode: cluster` the images that its pods run or wait for, else those that are verified. Nothing is asked that would fill a cache.',
    example: 'docker.io=mirror.lan:5000',
  }),
  mirror_kind: choice(['auto', 'copy', 'cache'], 'auto', {
    text: 'With `mirror_coverage`: what the mirrors are. `copy`: each holds what was put into it, and every object of each image is read from it. `cache`: it gets what it lacks from its upstream at every question, so that only its catalog is asked. `auto`: found out where a question that fills nothing can show it.',
  }),
  checks: choices(groups, usualGroups, {
    text: 'Groups of checks to run; and `storage` where that setting is given.',
  }),
  require: choices(requirable, ['image'], {
    text: 'Groups that must be inspected: if part of one could not be inspected, the step ends with exit code 3. `runner.rules` requires a single area of the runner. In a run that does not check the image, the default is all its checks except `runner`. `storage` is required wherever it is given.',
  }),
  fail_on: choice(['error', 'warning', 'never'], 'error', {
    text: 'The lowest severity that fails the step. With `mode: watch` outside of a CI system the default is `never`: metrics carry the findings. What could not be inspected ends with 3 anyway.',
  }),
  settle: duration(0, '0s', {
    text: 'How long a fresh push may answer 404 before that counts. `30s` suits registries that list a push with a delay (GHCR). With `mode: watch`: the time between the two looks at a fault, without which it does not count; the default is `30s`.',
  }),
  timeout: duration(1000, '10m', {
    text: 'Maximum duration of a run. With `mode: scan` the default is `24h`, with `mode: watch` `2h`.',
  }),
  concurrency: optionalInteger(1, 64, {
    text: 'Maximum number of concurrent requests to a registry: by default 64 on an HTTP/2 connection, 16 otherwise.',
  }),
  insecure: flag(false, {
    text: 'Allow plain HTTP to a registry that does not speak TLS. Loopback addresses may always use plain HTTP.',
    aliases: ['plain_http'],
  }),
  insecure_registry: list({
    text: 'Allow plain HTTP to these registries only; `true` allows it to all.',
    example: 'registry.example.com:5000',
  }).refine((items) => items.every(isRegistryOrBoolean), { error: registryAddressRule }),
  buildkit_config: text({
    text: 'The `buildkit_config` setting of the build, in TOML: a registry with `http = true` may use plain HTTP, and the certificate of one with `insecure = true` is not verified.',
  }),
  ca_file: text({
    text: 'Additional certificate authorities to trust: a PEM file, or the PEM text itself.',
  }),
  skip_tls_verify: flag(false, {
    text: 'Do not verify TLS certificates. Flagged in every report.',
    aliases: ['skip_verify', 'insecure_skip_verify'],
  }),
  skip_tls_verify_registry: list({
    text: 'Do not verify the TLS certificates of these registries; `true` means all. Flagged in every report.',
    example: 'registry.example.com:5000',
  }).refine((items) => items.every(isRegistryOrBoolean), { error: registryAddressRule }),
  private_redirects: flag(false, {
    text: 'Allow a public registry to send requests to private addresses: storage or a token server inside your network.',
  }),
  also_anonymous: flag(false, {
    text: 'The image must be public: also verify that it can be pulled without a login.',
  }),
  push_access: flag(false, {
    text: 'Also ask the token server for the right to push, and fail where it is not granted. Nothing is uploaded.',
  }),
  mirror_config: list({
    text: "The container runtime's own configuration of mirrors, files or folders: containerd's `certs.d`, `registries.yaml` of k3s and RKE2, Docker's `daemon.json`, `buildkitd.toml`, `registries.conf` of Podman and CRI-O. regguard sends the requests of a pull as the runtime would, and reports mirrors that are ignored, unreachable or misrouted.",
    example: '/etc/containerd/certs.d',
  }),
  endpoints: list({
    text: 'Also probe these URLs, each address of each: name lookup, connection, TLS and response. A bare host means its `/v2/`; `registries` means a set of public registries that have only the way to them in common.',
    aliases: ['endpoint'],
    example: 'https://ghcr.io/v2/',
  }),
  repeat: integer(1, 100, 1, {
    text: 'How often each image is verified and each endpoint probed, each time on new connections. Every failure counts; the report says how many of how many failed.',
  }),
  path_mtu: flag(false, {
    text: 'Also measure the path MTU to each host and back: the largest packet that arrives. After a timeout that is done anyway.',
  }),
  vantage: text({
    text: 'A name for the place that this run sees the path from (`node3`, `hypervisor`). The report then holds every leg of the pulls, for `regguard-plugin compare`.',
  }).refine((value) => value === undefined || /^[\w.:][\w .:-]{0,252}$/.test(value), {
    error: 'must be a short name: letters, digits, dots, dashes, spaces',
  }),
  names: list({
    text: 'Also look up these host names: by libc, and by each DNS server that is configured. The names of the registry, its token server and its storage are always looked up so.',
    example: 'registry.lan',
  }),
  dns_config: list({
    text: "The host's DNS configuration, files or folders: netplan's YAML, systemd-resolved's `resolved.conf` and `resolved.conf.d`, the host's `resolv.conf`. Their servers are asked as well, and compared with each other and with those that this step uses.",
    example: '/etc/netplan',
  }),
  internal_addresses: list({
    text: 'Addresses or CIDR ranges inside your network, to which the names of the registry, its token server and its storage must resolve.',
    example: '10.0.0.0/8',
  }),
  expect_pins: list({
    text: 'Names that the hosts file must pin: `true` means every name on the path, `registry.lan=10.0.0.5` one with its address.',
    aliases: ['expect_pin'],
    example: 'registry.lan=10.0.0.5',
  }),
  runner_window: duration(0, '2s', {
    text: 'Maximum time for which the runner is watched while the image is verified.',
  }),
  listeners: list({
    text: 'Ports on the runner that must answer: `22` (at its gateway address) or `10.0.0.5:6443`. If unset, common ports are tried, and one that does not answer is only a warning.',
    example: '22',
  }),
  docker_socket: text({
    text: 'Path of the Docker or Podman socket. If unset, `DOCKER_HOST` and the usual paths are tried.',
    defaultText: '/var/run/docker.sock',
  }),
  host_snapshot: flag(false, {
    text: "With the Docker socket: inspect the host's network links and firewall rules from one short-lived container of regguard's own image. It only reads, and is always removed.",
  }),
  record: optionalDuration(1000, {
    text: 'Record the runner for this long instead of verifying images, in a detached step or by hand. Keeps what was observed before, at and after the first time that its ports did not answer.',
  }),
  record_dir: text({
    text: 'Directory that `record` writes to. Must be empty; it is created if missing.',
    defaultText: 'regguard-recording',
  }),
  replay: text({
    text: 'Show again what an earlier run found: a report that `report_json` or `report_html` wrote, or the recording in the directory that `record` wrote, on which the checks run. Nothing is inspected. On the command line `regguard-plugin replay FILE`.',
  }),
  mode: choice(['verify', 'scan', 'watch', 'cluster', 'probe'], 'verify', {
    text: '`verify`: prove that what was pushed can be pulled. `scan`: inspect nothing but the storage of the registry, which `storage` names; on the command line `regguard-plugin scan ROOT`. `watch`: inspect whole registries again and again, and serve metrics (`docs/watch.md`); on the command line `regguard-plugin watch REGISTRY…`. `cluster`: which images cannot be pulled on which nodes of a Kubernetes cluster (`docs/cluster.md`); on the command line `regguard-plugin cluster`. `probe`: probe `endpoints` again and again, and serve what was seen, on each node of a cluster (`docs/nodes.md`); on the command line `regguard-plugin probe HOST…`.',
  }),
  registries: list({
    text: 'With `mode: watch`: the registries to watch. Without `repo`, all repositories that each of them lists.',
    example: 'registry.example.com',
  }),
  newest_tags: integer(0, 1_000_000, 0, {
    text: 'With `mode: watch`: watch only so many tags of each repository, the newest: those that appeared or moved last while they were watched and, of those that were there from the beginning, names without a number and then the highest version. `0`: all.',
  }),
  interval: duration(1000, '15m', {
    text: 'With `mode: watch` and `mode: probe`: the time from the start of one run to the start of the next, up to a tenth of it later, so that not everybody asks at the full hour. With `mode: probe` the default is `5m`.',
  }),
  once: flag(false, {
    text: 'With `mode: watch`: make one run, print what was found, and end: for a CronJob, a timer or a `cron` event. Nothing is served.',
  }),
  reprove: duration(1000, '6h', {
    text: 'With `mode: watch`: within this time the end of every blob is read again, a part in each run. What was not proven for twice as long is too old to claim.',
  }),
  accepted_faults: text({
    text: 'With `mode: watch`: a file with known faults that cause no alert, in YAML or JSON: a list of `{repository, digest or id, reason, expires}`.',
  }),
  listen: text({
    text: 'With `mode: watch`: the address and port that metrics are served at, or `none`. With `mode: probe`: those that its report is served at.',
    defaultText: '0.0.0.0:9743',
  }),
  metrics_token_file: text({
    text: 'With `mode: watch`: a file with a token. `/`, `/metrics` and `/findings` are served only to those who send it as `Authorization: Bearer …`, or as a password.',
  }),
  events_token_file: text({
    text: 'With `mode: watch`: a file with a token. Accept notifications of a registry (distribution, Harbor) at `POST /events` from those who send it; what they name is inspected at once.',
  }),
  heartbeat_url: text({
    text: 'With `mode: watch`: request this URL after each run that could inspect the registry (healthchecks.io and others): when it is not requested any more, they raise the alarm.',
    secret: true,
  }),
  pushgateway: text({
    text: 'With `mode: watch`: push the metrics of each run to this Prometheus Pushgateway, each registry as a group of its own, replaced as a whole.',
  }),
  push_job: text({
    text: 'With `pushgateway`: the job that the metrics are pushed as.',
    defaultText: 'regguard',
  }),
  shards: integer(1, 1000, 1, {
    text: 'With `mode: watch`: into how many parts the repositories are divided, by a hash of their names, so that several processes share a large registry.',
  }),
  shard: text({
    text: 'With `shards`: which part this process takes, from `0`.',
    defaultText: '`JOB_COMPLETION_INDEX`, or the number at the end of the host name',
  }),
  kubeconfig: text({
    text: 'With `mode: cluster`: the kubeconfig of the cluster, as a path or as the YAML itself, for example from a secret. If unset: `KUBECONFIG`, `~/.kube/config`, or the service account of the pod that this runs in.',
    secret: true,
  }),
  kube_context: text({
    text: 'With `mode: cluster`: the context of the kubeconfig.',
    defaultText: 'its `current-context`',
  }),
  namespaces: list({
    text: 'With `mode: cluster`: read these namespaces only. Each is asked for by itself, so that a Role in each of them is enough.',
    example: 'shop',
  }),
  wait: duration(0, '0s', {
    text: 'With `mode: cluster`: how long to wait until no pod waits for an image any more, as a gate after a deployment. `0s`: inspect once.',
  }),
  gates: choices(['secrets'], [], {
    text: 'With `mode: cluster`: what else fails the run. `secrets`: ExternalSecrets that are not synchronised; without it only those that own the pull secret of a refused pull.',
  }),
  nodes: flag(false, {
    text: 'With `mode: cluster`: also collect what the probes on the nodes saw (`docs/nodes.md`): which endpoint answers which node, from its own network and from its pods, and how the nodes differ.',
  }),
  probe_namespace: text({
    text: 'With `nodes`: the namespace of the probes.',
    defaultText: 'regguard-probes',
  }),
  storage: text({
    text: 'The storage of a registry (distribution, `registry:2` and `registry:3`): the folder that it keeps its data in, or its bucket, as `s3://bucket/rootdirectory`. It is read and never written: which images can be pulled from it, what is broken, what the next garbage collection will break.',
  }),
  gc: choice(
    ['auto', '2.8', '3'],
    'auto',
    {
      text: 'With `storage`: the version of the registry whose `garbage-collect` is forecast, `2.8` or `3`. `auto`: both, unless it can be seen which one runs.',
    },
    gcVersionNames,
  ),
  delete_untagged: choice(
    ['auto', 'true', 'false'],
    'auto',
    {
      text: 'With `storage`: whether `garbage-collect` is run with `--delete-untagged` (`-m`), `true` or `false`. `auto`: it is forecast without, and what the flag would break in addition is one warning.',
    },
    { yes: 'true', on: 'true', '1': 'true', no: 'false', off: 'false', '0': 'false' },
  ),
  forecast_check: text({
    text: 'With `storage`: a file with the output of `registry garbage-collect --dry-run`, which is compared with the forecast.',
  }),
  hash: flag(false, {
    text: 'With `storage`: also read and hash the data of all blobs, files and objects in a bucket alike; what a bucket sends may cost money. Always hashed are manifests, image configurations, data whose size a manifest states differently, and a few files with holes, up to 2 GiB of these or `hash_budget`.',
  }),
  hash_rate: rate({
    text: 'With `hash`: how much is read in a second, so that the registry is not slowed down: `50MB`.',
    defaultText: 'as fast as the disk',
  }),
  hash_budget: budget({
    text: 'With `hash`: how much is hashed in one run, as a size (`200GB`) or a time (`2h`). The next run goes on from there, with what was never hashed or was hashed longest ago; needs `state_dir`. With `mode: watch`: how much is also downloaded and hashed in each run, as a size.',
    defaultText: 'everything; with `mode: watch` nothing',
  }),
  state_dir: text({
    text: 'With `hash`: a folder, outside of the storage, in which regguard remembers what it hashed and when. With `mode: watch`: a folder in which it remembers what it found, so that a restart or the next `once` goes on from there.',
  }),
  s3_endpoint: text({
    text: 'With `storage: s3://…`: the address of an S3 server that is not Amazon (MinIO, Ceph, Garage), as in `regionendpoint` of the registry: `https://minio.example.com:9000`.',
  }),
  s3_region: text({
    text: 'With `storage: s3://…`: the region of the bucket. If unset, `AWS_REGION` and `AWS_DEFAULT_REGION` are read.',
    defaultText: 'us-east-1',
  }),
  s3_addressing: choice(['auto', 'path', 'host'], 'auto', {
    text: 'With `storage: s3://…`: where requests name the bucket: in their path (`forcepathstyle` of the registry) or in the host name. `auto`: in the path, except on Amazon.',
  }),
  s3_access_key: text({
    text: 'With `storage: s3://…`: the access key, which needs `s3:ListBucket` and `s3:GetObject` only. If unset, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN` are read; without any, requests are not signed.',
  }),
  s3_secret_key: text({ text: 'The secret key for `s3_access_key`.', secret: true }),
  dry_run: flag(false, {
    text: 'The build step pushed nothing: skip the verification and report that.',
    aliases: ['no_push'],
  }),
  push: flag(true, { text: 'The `push` setting of the build. `false` has the effect of `dry_run`.' }),
  output: text({
    text: 'The `output` setting of the build. One that pushes nothing (`type=oci`, `push=false`) has the effect of `dry_run`.',
    aliases: ['outputs'],
  }),
  env_file: text({
    text: 'A file of `PLUGIN_NAME=value` lines in the workspace. It overrides the settings of the step.',
  }),
  report_html: text({
    text: 'Write the report to this file as a page to look at: one HTML file with pictures that needs no network, to keep as an artifact or to send on.',
  }),
  report_json: text({ text: 'Write the full report to this file (`docs/report.schema.json`).' }),
  report_junit: text({
    text: 'Write the results as JUnit XML to this file, for the test views of Jenkins, GitLab and others: each image and each check is a test case.',
  }),
  report_markdown: text({
    text: 'Write the report in short to this file, as Markdown: for the summary of a job, or a comment on a pull request.',
  }),
  report_prometheus: text({
    text: 'With `storage`, `mode: watch` or `mode: cluster`: write metrics to this file, for the textfile collector of node_exporter (`deploy/README.md`). The file is replaced as a whole.',
  }).refine((value) => value === undefined || value.endsWith('.prom'), {
    error: 'must end in .prom: the textfile collector reads no other file',
  }),
  docs_url: text({
    text: 'Address where the pages of findings are published, so that reports link to them. `{id}` stands for the ID of the finding; without it, `/ID.md` is appended.',
  }).refine((value) => value === undefined || isDocsUrl(value), docsUrlRule),
  log_level: choice(
    ['debug', 'info', 'warn', 'error'],
    'info',
    {
      text: 'How much is logged. `debug` adds every request and every check. From `warn` on, a run without findings logs only its last line.',
    },
    { trace: 'debug', warning: 'warn', fatal: 'error', panic: 'error', disabled: 'error' },
  ),
  debug: flag(false, { text: 'The same as `log_level: debug`.' }),
})

/** The validated settings of a run. */
export type Settings = z.output<typeof schema>

export type SettingName = keyof typeof schema.shape

/** The names of all settings, in documented order. */
export const settingNames = Object.keys(schema.shape) as SettingName[]
