import type { Problem } from './problem.ts'
import type { SettingName, Settings } from './schema.ts'

/** A run over a whole registry may take long; the next one is skipped meanwhile. */
const timeoutMs = 2 * 3_600_000
/** The time between two looks at a fault. */
const settleMs = 30_000

/** What is different by default with `mode: watch`. */
export const watchDefaults = (
  { timeout, settle }: Settings,
  given: ReadonlySet<SettingName>,
): Pick<Settings, 'timeout' | 'settle'> => ({
  timeout: given.has('timeout') ? timeout : timeoutMs,
  settle: given.has('settle') ? settle : settleMs,
})

/** The settings that only a watch reads. */
const ofWatch = [
  'registries',
  'newest_tags',
  'interval',
  'once',
  'reprove',
  'accepted_faults',
  'listen',
  'metrics_token_file',
  'events_token_file',
  'heartbeat_url',
  'pushgateway',
  'push_job',
  'shards',
  'shard',
] as const satisfies SettingName[]

/** Those that a probe reads as well. */
const ofProbes: ReadonlySet<SettingName> = new Set(['interval', 'listen'])

/** Settings of other modes that name what a run is about: a watch that ignores them would look at something else than its settings say. */
const ofOthers = [
  'images',
  'destinations',
  'catalog',
  'tags_file',
  'metadata_file',
  'digest_file',
  'artifact_file',
  'expect_digest',
  'storage',
  'record',
  'replay',
  'endpoints',
  'names',
  'dns_config',
  'mirror_config',
  'mirror_coverage',
  'mirror_kind',
  'checks',
  'require',
  'report_junit',
  'report_html',
  'hash',
  'hash_rate',
  'referrers',
  'also_anonymous',
  'push_access',
] as const satisfies SettingName[]

/** What does not go together with `mode: watch`, or only with it. */
export function watchProblems(
  { mode, once, reprove, interval, pushgateway, push_job: pushJob, ...read }: Settings,
  given: ReadonlySet<SettingName>,
): Problem[] {
  if (mode !== 'watch')
    return ofWatch
      .filter((setting) => given.has(setting) && !(mode === 'probe' && ofProbes.has(setting)))
      .map((setting) => ({ setting, message: 'is only for mode: watch', fix: { mode: 'watch' } }))
  const servesOnly = ['listen', 'metrics_token_file', 'events_token_file', 'interval'] as const
  const unserved = servesOnly.filter((setting) => setting !== 'interval' && given.has(setting))
  return [
    ...ofOthers
      .filter((setting) => given.has(setting))
      .map((setting) => ({ setting, message: 'is not for mode: watch' })),
    ...(once
      ? unserved.map((setting) => ({ setting, message: 'is not used with once, which serves nothing' }))
      : []),
    ...(reprove < interval
      ? [
          {
            setting: 'reprove',
            message: 'must not be shorter than interval: blobs are read once in a run at most',
          },
        ]
      : []),
    ...(pushJob !== undefined && pushgateway === undefined
      ? [{ setting: 'push_job', message: 'needs pushgateway' }]
      : []),
    ...(read.listen === 'none' && (read.metrics_token_file ?? read.events_token_file) !== undefined
      ? [{ setting: 'listen', value: 'none', message: 'serves nothing that a token could be for' }]
      : []),
  ]
}
