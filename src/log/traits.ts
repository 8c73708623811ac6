import type { CiPlatform } from '../core/platform.ts'

/** How a platform handles workflow commands. */
export type PlatformTraits = {
  /** `none`: shows them as text. `escaped`: unescapes their data. `raw`: shows their data as printed. */
  commands: 'none' | 'escaped' | 'raw'
  /** Turns `::error::`, `::warning::` and `::notice::` into annotations. Forgejo shows them raw, with escapes. */
  annotations: boolean
  /** Supports a group inside a group. Elsewhere the first `::endgroup::` closes both. */
  nestedGroups: boolean
}

/** The traits of each platform, from the sources of its runner and its log page. */
export const TRAITS: Readonly<Record<CiPlatform, PlatformTraits>> = {
  plain: { commands: 'none', annotations: false, nestedGroups: false },
  woodpecker: { commands: 'none', annotations: false, nestedGroups: false },
  forgejo: { commands: 'raw', annotations: false, nestedGroups: true },
  gitea: { commands: 'raw', annotations: false, nestedGroups: false },
  github: { commands: 'escaped', annotations: true, nestedGroups: false },
}
