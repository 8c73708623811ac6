import type { CiPlatform } from '../core/platform.ts'

/** What a platform makes of workflow commands. */
export type Traits = {
  /** `none`: shows them as text. `escaped`: un-escapes their data. `raw`: shows their data as it was printed. */
  commands: 'none' | 'escaped' | 'raw'
  /** Turns `::error::` and its like into annotations. Forgejo shows them raw, escapes and all. */
  annotations: boolean
  /** A group inside a group folds by itself. Elsewhere the first end closes both. */
  nestedGroups: boolean
}

/** The traits of each platform, from the sources of its runner and its log page. */
export const TRAITS: Readonly<Record<CiPlatform, Traits>> = {
  plain: { commands: 'none', annotations: false, nestedGroups: false },
  woodpecker: { commands: 'none', annotations: false, nestedGroups: false },
  forgejo: { commands: 'raw', annotations: false, nestedGroups: true },
  gitea: { commands: 'raw', annotations: false, nestedGroups: false },
  github: { commands: 'escaped', annotations: true, nestedGroups: false },
}
