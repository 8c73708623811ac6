import type { Problem } from './problem.ts'
import type { SettingName, Settings } from './schema.ts'

/** A few requests to each endpoint; an outage of minutes is seen, and nobody's rate limit is. */
const intervalMs = 5 * 60_000

/** What is different by default with `mode: probe`. */
export const probeDefaults = (
  { interval }: Settings,
  given: ReadonlySet<SettingName>,
): Pick<Settings, 'interval'> => ({ interval: given.has('interval') ? interval : intervalMs })

/** Settings that name something else to inspect, or to write: a probe that ignores them would not do what they say. */
const ofOthers = [
  'repo',
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
  'mirror_config',
  'mirror_coverage',
  'mirror_kind',
  'checks',
  'require',
  'report_html',
  'report_json',
  'report_junit',
  'report_markdown',
  'report_prometheus',
] as const satisfies SettingName[]

/** What does not go together with `mode: probe`. */
export function probeProblems(
  { mode, endpoints, listen }: Settings,
  given: ReadonlySet<SettingName>,
): Problem[] {
  if (mode !== 'probe') return []
  return [
    ...ofOthers
      .filter((setting) => given.has(setting))
      .map((setting) => ({ setting, message: 'is not for mode: probe' })),
    ...(endpoints.length === 0
      ? [
          {
            setting: 'endpoints',
            message: 'nothing to probe: name the hosts that images are pulled from',
            fix: { endpoints: ['registry.example.com', 'registries'] },
          },
        ]
      : []),
    ...(listen === 'none'
      ? [{ setting: 'listen', value: 'none', message: 'must be an address: a probe serves its report' }]
      : []),
  ]
}
