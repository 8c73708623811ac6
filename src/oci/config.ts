import * as z from 'zod'
import { firstIssue, parseJson } from './manifest.ts'
import { normalisePlatform, platformSchema } from './platform.ts'

/** The checked part of an image configuration. */
export const imageConfig = z.object({
  /** Absent if the operating system or the architecture is missing. */
  platform: platformSchema.exactOptional(),
  /** Absent if there is no root file system; one without `diff_ids`, or with null, is that of an image without layers. */
  diffIds: z.array(z.string()).exactOptional(),
})
export type ImageConfig = z.infer<typeof imageConfig>

/** Clients are written in Go, which reads a missing text and null as ''. */
const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '')
const schema = z.object({
  os: text,
  architecture: text,
  variant: z.string().optional().catch(undefined),
  'os.version': z.string().optional().catch(undefined),
  rootfs: z.object({ diff_ids: z.array(z.string()).nullish() }).nullish(),
})

/** Parses an image configuration (image-spec, config.md), as lenient as clients are: they start images that state no platform. */
export function parseConfig(
  bytes: Uint8Array,
): { ok: true; value: ImageConfig } | { ok: false; problem: string } {
  const json = parseJson(bytes)
  if (!json.ok) return json
  const parsed = schema.safeParse(json.value)
  if (!parsed.success) return { ok: false, problem: firstIssue(parsed.error) }
  const { os, architecture, variant = '', rootfs } = parsed.data
  const osVersion = parsed.data['os.version'] ?? ''
  return {
    ok: true,
    value: {
      ...(os && architecture
        ? { platform: normalisePlatform({ os, architecture, variant, osVersion }) }
        : {}),
      ...(rootfs ? { diffIds: rootfs.diff_ids ?? [] } : {}),
    },
  }
}

/** True for a configuration that describes no image: it states neither a platform nor a root file system, like `{}`. */
export const isEmptyConfig = ({ platform, diffIds }: ImageConfig): boolean => !platform && !diffIds
