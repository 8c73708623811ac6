import * as z from 'zod'
import { parseDigest } from './digest.ts'
import { firstIssue, parseJson } from './manifest.ts'
import { normalisePlatform, platformSchema } from './platform.ts'

/** The checked part of an image configuration. */
export const imageConfig = z.object({
  /** Absent if the operating system or the architecture is missing. */
  platform: platformSchema.exactOptional(),
  /** Absent if there is no root file system; one without `diff_ids`, or with null, is that of an image without layers. */
  diffIds: z.array(z.string()).exactOptional(),
  /** How many entries of the history made a layer. */
  historyLayers: z.number().exactOptional(),
})
export type ImageConfig = z.infer<typeof imageConfig>

const text = z.string().nullish()
const texts = z.array(z.string().nullable()).nullish()
const keys = z.record(z.string(), z.looseObject({}).nullable()).nullish()
/** RFC 3339, as Go reads a time; null is no time, and '' is an error. */
const time = z.iso.datetime({ offset: true }).nullish()
const diffId = z.string().refine((value) => parseDigest(value) !== undefined, 'not a digest')

/**
 * The fields that Docker, containerd and podman read, with the types that they require (image-spec, config.md): Go reads null as a missing
 * field, and fails for a value of another type.
 */
const schema = z.object({
  os: text,
  architecture: text,
  variant: text,
  'os.version': text,
  'os.features': texts,
  created: time,
  author: text,
  config: z
    .object({
      User: text,
      Env: texts,
      Cmd: texts,
      Entrypoint: texts,
      WorkingDir: text,
      StopSignal: text,
      Labels: z.record(z.string(), z.string().nullable()).nullish(),
      ExposedPorts: keys,
      Volumes: keys,
    })
    .nullish(),
  rootfs: z.object({ type: text, diff_ids: z.array(diffId).nullish() }).nullish(),
  history: z
    .array(
      z
        .object({
          created: time,
          created_by: text,
          author: text,
          comment: text,
          empty_layer: z.boolean().nullish(),
        })
        .nullable(),
    )
    .nullish(),
})

/** Parses an image configuration, as lenient as clients are: they start images that state no platform, and read null as `{}`. */
export function parseConfig(
  bytes: Uint8Array,
): { ok: true; value: ImageConfig } | { ok: false; problem: string } {
  const json = parseJson(bytes)
  if (!json.ok) return json
  const parsed = schema.safeParse(json.value ?? {})
  if (!parsed.success) return { ok: false, problem: firstIssue(parsed.error) }
  const { os, architecture, variant, rootfs, history } = parsed.data
  const osVersion = parsed.data['os.version'] ?? ''
  return {
    ok: true,
    value: {
      ...(os && architecture
        ? { platform: normalisePlatform({ os, architecture, variant: variant ?? '', osVersion }) }
        : {}),
      ...(rootfs ? { diffIds: rootfs.diff_ids ?? [] } : {}),
      ...(history ? { historyLayers: history.filter((entry) => !entry?.empty_layer).length } : {}),
    },
  }
}

/** True for a configuration that describes no image: it states neither a platform nor a root file system, like `{}`. */
export const isEmptyConfig = ({ platform, diffIds }: ImageConfig): boolean => !platform && !diffIds
