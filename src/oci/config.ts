import * as z from 'zod'
import { firstIssue, parseJson } from './manifest.ts'
import { normalisePlatform, platformSchema } from './platform.ts'

/** The checked part of an image configuration. */
export const imageConfig = z.object({ platform: platformSchema, diffIds: z.array(z.string()) })
export type ImageConfig = z.infer<typeof imageConfig>

const schema = z.object({
  os: z.string(),
  architecture: z.string(),
  variant: z.string().optional().catch(undefined),
  'os.version': z.string().optional().catch(undefined),
  rootfs: z.object({ diff_ids: z.array(z.string()).nullable() }),
})

/** Parses an image configuration (image-spec, config.md). `diff_ids: null` means an image without layers. */
export function parseConfig(
  bytes: Uint8Array,
): { ok: true; value: ImageConfig } | { ok: false; problem: string } {
  const json = parseJson(bytes)
  if (!json.ok) return json
  const parsed = schema.safeParse(json.value)
  if (!parsed.success) return { ok: false, problem: firstIssue(parsed.error) }
  const { os, architecture, variant = '', rootfs } = parsed.data
  return {
    ok: true,
    value: {
      platform: normalisePlatform({ os, architecture, variant, osVersion: parsed.data['os.version'] ?? '' }),
      diffIds: rootfs.diff_ids ?? [],
    },
  }
}
