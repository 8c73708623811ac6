import { clusterProblems } from './cluster.ts'
import { metaOf } from './fields.ts'
import { settingFor } from './names.ts'
import { readBuildkitConfig } from './plan/buildkit-config.ts'
import { registryHost } from './plan/logins.ts'
import { probeDefaults, probeProblems } from './probe.ts'
import type { Problem } from './problem.ts'
import { type SettingName, type Settings, schema, settingNames } from './schema.ts'
import { collectSettings, type Env } from './sources.ts'
import { hasCommaInItem, splitAtEveryComma } from './texts.ts'
import { watchDefaults, watchProblems } from './watch.ts'

/**
 * The settings of a run, or everything wrong with them. `given` holds the names of all settings that were set, `empty` the inputs of
 * an action that were passed without a value.
 */
export type ReadSettings = { given: ReadonlySet<string>; empty: ReadonlySet<SettingName> } & (
  | { ok: true; value: Settings; unknown: string[] }
  /** `value` has defaults in place of invalid settings, so that later steps can report their problems in the same run. */
  | { ok: false; problems: Problem[]; value: Settings }
)

/**
 * Reads the settings from the environment and the command line, or reports every problem at once. A problem never contains the
 * value of a secret.
 */
export function readSettings(env: Env, args: Map<string, string> = new Map()): ReadSettings {
  const raw = collectSettings(env, args)
  // Parsed once: a parser that zod compiles first would take longer.
  const parsed = schema.safeParse(Object.fromEntries(raw.values), { jitless: true })
  if (parsed.success) {
    const { problems, unknown, given: names, empty } = raw
    const value = withImplied(parsed.data, names, problems)
    return problems.length > 0
      ? { ok: false, problems, value, given: names, empty }
      : { ok: true, value, unknown, given: names, empty }
  }
  const problems = parsed.error.issues.map((issue): Problem => {
    const setting = issue.path[0] as SettingName
    const value = raw.values.get(setting)
    const { secret = false, kind } = metaOf(schema.shape[setting])
    const name = raw.named.get(setting) ?? setting
    const items =
      kind === 'list' && value !== undefined && hasCommaInItem(value) ? splitAtEveryComma(value) : undefined
    return {
      setting: name,
      ...(secret || value === undefined ? {} : { value }),
      message: issue.message,
      ...(items ? { fix: { [name]: items } } : {}),
    }
  })
  const invalid = new Set(parsed.error.issues.map((issue) => issue.path[0]))
  const valid = [...raw.values].filter(([name]) => !invalid.has(name))
  return {
    ok: false,
    problems: [...raw.problems, ...problems],
    value: schema.parse(Object.fromEntries(valid)),
    given: raw.given,
    empty: raw.empty,
  }
}

/**
 * Settings that others imply: `record` and `replay` check only the runner, `endpoints`, `names`,
 * `dns_config` and names in `expect_pins` without an image only the path, `storage` without an image only the storage. Required by
 * default is the image or, in a run that does not check it, every group that it checks except the runner, most of which a plain
 * container cannot see. How BuildKit reaches a registry, and a `registry`
 * that is an http:// address, allow the same here.
 */
function withImplied(read: Settings, names: ReadonlySet<string>, problems: Problem[]): Settings {
  const given = new Set([...names].flatMap((name) => settingFor(name) ?? []))
  const onlyRunner = read.record !== undefined || read.replay !== undefined
  const buildkit = readBuildkitConfig(read.buildkit_config, problems)
  const { registry = '' } = read
  problems.push(...sharedFiles(read))
  const settings: Settings = {
    ...read,
    ...(onlyRunner ? { checks: ['runner' as const] } : {}),
    ...(onlyRunner ? {} : impliedChecks(read, given, problems)),
    ...(read.mode === 'scan' && !given.has('timeout') ? { timeout: scanTimeoutMs } : {}),
    ...(read.mode === 'watch' ? watchDefaults(read, given) : {}),
    ...(read.mode === 'probe' ? probeDefaults(read, given) : {}),
    insecure_registry: [
      ...read.insecure_registry,
      ...buildkit.http,
      ...[registry, ...read.registries].filter((one) => /^http:\/\//i.test(one)).map(registryHost),
    ],
    skip_tls_verify_registry: [...read.skip_tls_verify_registry, ...buildkit.insecure],
  }
  return { ...settings, require: impliedRequire(settings, given) }
}

/** Reports of which each would overwrite another. */
function sharedFiles(read: Settings): Problem[] {
  const named = settingNames.flatMap((setting) =>
    setting.startsWith('report_') && read[setting] !== undefined
      ? [{ setting, value: String(read[setting]) }]
      : [],
  )
  return named.flatMap(({ setting, value }, at) => {
    const first = named.slice(0, at).find((other) => other.value === value)
    return first ? [{ setting, value, message: `must be another file than ${first.setting}` }] : []
  })
}

/**
 * What is required: by default the image or, in a run that does not check it, every group but the runner. A storage that is named
 * is required in any case.
 */
function impliedRequire(
  { require: wanted, checks, mode }: Settings,
  given: ReadonlySet<SettingName>,
): Settings['require'] {
  // Of the images, which are found, this login may not be allowed to read any.
  if (mode === 'cluster') return [...new Set([...(given.has('require') ? wanted : []), 'cluster' as const])]
  const usual =
    given.has('require') || checks.includes('image') ? wanted : checks.filter((group) => group !== 'runner')
  return checks.includes('storage') ? [...new Set([...usual, 'storage' as const])] : usual
}

/** The groups that a run checks, where its settings decide that: those that name no image are about the path, or the storage, alone. */
function impliedChecks(
  read: Settings,
  given: ReadonlySet<SettingName>,
  problems: Problem[],
): Partial<Pick<Settings, 'checks'>> {
  const { mode, storage, checks } = read
  problems.push(...watchProblems(read, given), ...clusterProblems(read, given), ...probeProblems(read, given))
  if (mode === 'watch') return {}
  if (mode === 'probe') return { checks: ['path'] }
  if (mode === 'cluster') return { checks: ['image', 'registry', 'path', 'cluster'] }
  if (storage === undefined && (mode === 'scan' || checks.includes('storage')))
    problems.push({
      setting: 'storage',
      message:
        'must name the storage of the registry: the folder that holds docker/registry/v2, such as /var/lib/registry',
    })
  for (const setting of ['gc', 'delete_untagged', 'forecast_check'] as const)
    if (storage === undefined && given.has(setting))
      problems.push({ setting, message: 'needs `storage`, whose garbage collection it is about' })
  if (read.hash_budget !== undefined && read.state_dir === undefined)
    problems.push({
      setting: 'hash_budget',
      message: 'needs state_dir: without it, each run would hash the same data',
      fix: { state_dir: '/var/lib/regguard' },
    })
  for (const setting of ['hash_rate', 'hash_budget', 'state_dir'] as const)
    if (given.has(setting) && !read.hash)
      problems.push({ setting, message: 'is not used without hash', fix: { hash: 'true' } })
  if (storage === undefined && read.report_prometheus !== undefined)
    problems.push({
      setting: 'report_prometheus',
      message: 'needs storage: the metrics are those of the storage of a registry',
    })
  if (mode === 'scan') {
    if (given.has('checks') && checks.some((group) => group !== 'storage'))
      problems.push({
        setting: 'checks',
        value: checks.join(','),
        message: 'must be left out with mode: scan, which checks the storage alone',
      })
    return { checks: ['storage'] }
  }
  const path = isOnlyPath(read, given) ? (['path'] as const) : []
  const isWithoutImage = [...imageSettings, ...imageFiles].every((name) => !given.has(name))
  if (storage === undefined) return path.length > 0 ? { checks: [...path] } : {}
  if (isWithoutImage) return { checks: [...path, 'storage'] }
  return given.has('checks') ? {} : { checks: [...checks, 'storage'] }
}

/** A storage may hold millions of files. */
const scanTimeoutMs = 24 * 3_600_000

/** Settings that name images, or say what to do about them. */
const imageSettings = ['repo', 'images', 'destinations', 'tags', 'tags_file', 'catalog', 'checks'] as const
const imageFiles = ['metadata_file', 'artifact_file', 'digest_file'] as const

/** Whether endpoints or names are all that a run is about. */
const isOnlyPath = (
  { endpoints, names, dns_config, expect_pins }: Settings,
  given: ReadonlySet<SettingName>,
): boolean =>
  [endpoints, names, dns_config, expect_pins.filter((pin) => !/^(?:true|false)$/.test(pin))].some(
    (items) => items.length > 0,
  ) && [...imageSettings, ...imageFiles].every((name) => !given.has(name))
