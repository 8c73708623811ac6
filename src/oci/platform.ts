import * as z from 'zod'

/** A platform, normalised as containerd compares it. */
export const platformSchema = z.object({
  os: z.string(),
  architecture: z.string(),
  variant: z.string(),
  osVersion: z.string(),
})
export type Platform = z.infer<typeof platformSchema>

const architectures = new Map<string, [string, string?]>(
  Object.entries({
    x86_64: ['amd64'],
    'x86-64': ['amd64'],
    i386: ['386', ''],
    aarch64: ['arm64'],
    armhf: ['arm', 'v7'],
    armel: ['arm', 'v6'],
  }),
)

/**
 * Normalises as containerd's `platforms.Normalize` does: `aarch64` is arm64, `arm64/v8` has no variant,
 * a bare `arm` is v7, `amd64/v1` has no variant, `arm/7` is `arm/v7`, `macos` is darwin.
 */
export function normalisePlatform(raw: Partial<Platform>): Platform {
  const name = (raw.architecture ?? '').toLowerCase()
  const [architecture, implied] = architectures.get(name) ?? [name]
  const variant = implied ?? (raw.variant ?? '').toLowerCase()
  return {
    os: (raw.os ?? '').toLowerCase().replace(/^macos$/, 'darwin'),
    architecture,
    variant: normaliseVariant(architecture, variant),
    osVersion: raw.osVersion ?? '',
  }
}

function normaliseVariant(architecture: string, variant: string): string {
  const prefixed = /^\d+$/.test(variant) ? `v${variant}` : variant
  if (architecture === 'arm64') return prefixed.replace(/^v?(\d+)(?:\.0)?$/, 'v$1').replace(/^v8$/, '')
  if (architecture === 'arm') return prefixed || 'v7'
  if (architecture === 'amd64') return prefixed === 'v1' ? '' : prefixed
  return prefixed
}

/** Parses `os/architecture[/variant]`; undefined for any other format. */
export function parsePlatform(text: string): Platform | undefined {
  const parts = text.trim().split('/')
  const [os, architecture, variant] = parts
  if (parts.length < 2 || parts.length > 3 || parts.some((part) => !/^[A-Za-z0-9_.-]+$/.test(part))) {
    return undefined
  }
  return normalisePlatform({ os: os ?? '', architecture: architecture ?? '', variant: variant ?? '' })
}

/** The usual notation, `linux/arm/v7`; with the OS version for Windows images that have one. */
export function platformName(platform: Platform): string {
  const name = [platform.os, platform.architecture, platform.variant].filter(Boolean).join('/')
  return platform.osVersion && platform.os === 'windows' ? `${name} (${platform.osVersion})` : name
}

/** True if a runtime that chooses an image treats two platforms as the same. */
export const samePlatform = (a: Platform, b: Platform): boolean =>
  a.os === b.os && a.architecture === b.architecture && a.variant === b.variant
