import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import * as z from 'zod'
import { readSettings } from '../src/settings/read.ts'
import { watchProblems } from '../src/settings/watch.ts'
import { type SettingRow, settingRows } from './settings-table.ts'

/** Settings that the chart sets from other values, or that make no sense in it; those of other modes are left out, too. */
const ownOfChart = new Set([
  ...['mode', 'registries', 'once', 'listen', 'shards', 'shard', 'state_dir', 'docker_config'],
  ...['ca_file', 'accepted_faults', 'metrics_token_file', 'events_token_file', 'env_file'],
])

const name = z.string().regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/)
const port = z.int().min(1).max(65535)
const labels = z.record(z.string(), z.string())
const objects = z.array(z.looseObject({}))
const duration = z.string().regex(/^([0-9]+(ms|s|m|h|d|w|y))+$/)
const keyOf = z.strictObject({ name, key: z.string().min(1) })
const optionalKey = z.union([keyOf, z.strictObject({})])
const monitor = z.strictObject({ enabled: z.boolean(), interval: duration, labels }).partial()

/** The JSON schema of the chart's values. Settings and alerts in it are those that exist. */
export function chartSchema(): object {
  const { $schema: _, ...schema } = z.toJSONSchema(values(), { target: 'draft-7', io: 'input' })
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Values of the chart regguard',
    ...schema,
  }
}

function values() {
  const watch = readSettings({ PLUGIN_MODE: 'watch', PLUGIN_REGISTRIES: 'registry.example.com' }).value
  const settings = settingRows.filter(
    ({ name }) =>
      !ownOfChart.has(name) &&
      !watchProblems(watch, new Set([name])).some((problem) => problem.message === 'is not for mode: watch'),
  )
  const open = settings.filter(({ secret }) => !secret)
  return z.strictObject({
    registries: z.array(z.string().min(1)).min(1),
    ...optional({
      image: optionalObject({
        repository: z.string().min(1),
        tag: z.string(),
        digest: z.string().regex(/^(sha256:[0-9a-f]{64})?$/),
        pullPolicy: z.enum(['Always', 'IfNotPresent', 'Never']),
      }),
      imagePullSecrets: z.array(z.strictObject({ name })),
      kind: z.enum(['Deployment', 'StatefulSet', 'CronJob']),
      shards: z.int().min(1).max(1000),
      schedule: z.string().min(1),
      activeDeadlineSeconds: z.int().min(10),
      settings: optionalObject(Object.fromEntries(open.map((row) => [row.name, typeOf(row)]))),
      secretSettings: optionalObject(Object.fromEntries(settings.map((row) => [row.name, keyOf]))),
      dockerConfigSecret: z.union([name, z.literal('')]),
      caConfigMap: optionalKey,
      acceptedFaults: z.array(acceptedFault),
      metricsToken: optionalKey,
      eventsToken: optionalKey,
      env: z.array(z.looseObject({ name: z.string().min(1) })),
      persistence: optionalObject({
        enabled: z.boolean(),
        existingClaim: z.string(),
        storageClass: z.string(),
        size: z.string().regex(/^[0-9]+(\.[0-9]+)?(Ki|Mi|Gi|Ti|k|M|G|T)?$/),
      }),
      service: optionalObject({ port, annotations: labels }),
      networkPolicy: optionalObject({
        enabled: z.boolean(),
        from: objects,
        ports: z.array(port),
        dnsPorts: z.array(port).min(1),
        egress: objects,
      }),
      serviceMonitor: monitor,
      podMonitor: monitor,
      rules: optionalObject({
        enabled: z.boolean(),
        labels,
        runbookBaseUrl: z.union([z.string().regex(/^https?:\/\//), z.literal('')]),
        alertLabels: labels,
        alerts: optionalObject(Object.fromEntries(alertNames().map((alert) => [alert, alertChange]))),
      }),
      dashboard: optionalObject({ enabled: z.boolean(), labels, annotations: labels }),
      resources: z.looseObject({}),
      serviceAccountName: z.string(),
      priorityClassName: z.string(),
      nodeSelector: labels,
      tolerations: objects,
      affinity: z.looseObject({}),
      topologySpreadConstraints: objects,
      podAnnotations: labels,
      podLabels: labels,
      commonLabels: labels,
      nameOverride: z.string(),
      fullnameOverride: z.string(),
      // Helm passes it to every chart that is a dependency.
      global: z.looseObject({}),
    }),
  })
}

/** An entry of the file `accepted_faults`. */
const acceptedFault = z.strictObject({
  repository: z.string().min(1),
  reason: z.string().min(1),
  expires: z.string().regex(/^\d{4}-\d\d-\d\d/),
  registry: z.string().optional(),
  digest: z.string().optional(),
  tag: z.string().optional(),
  id: z.string().optional(),
})

/** What may be changed of an alert. */
const alertChange = z
  .strictObject({
    enabled: z.boolean(),
    expr: z.string().min(1),
    for: duration,
    keepFiringFor: duration,
    labels,
  })
  .partial()

const optionalObject = (shape: z.ZodRawShape) => z.strictObject(shape).partial()

const optional = <T extends z.ZodRawShape>(shape: T) =>
  Object.fromEntries(Object.entries(shape).map(([key, type]) => [key, z.optional(type as z.ZodType)]))

/** A setting as YAML: what its kind reads from a string, or the value itself. */
function typeOf({ kind, text, values }: SettingRow): z.ZodType {
  const [first, ...others] = values
  const item = first === undefined ? z.string() : z.enum([first, ...others])
  const types: Record<string, z.ZodType> = {
    boolean: z.boolean(),
    list: z.array(item),
    number: z.int(),
    duration: z.union([duration, z.int()]),
    bytes: z.union([z.string(), z.int()]),
  }
  return (types[kind] ?? item).describe(text)
}

function alertNames(): string[] {
  const file = new URL('../deploy/prometheus/rules/regguard.yaml', import.meta.url)
  const { groups }: { groups: { rules: { alert: string }[] }[] } = parse(readFileSync(file, 'utf8'))
  return groups.flatMap(({ rules }) => rules.map(({ alert }) => alert))
}
