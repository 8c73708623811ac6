import type { LogRecord } from './types.ts'

/** The part of the logger that folds lines. */
export type Groups = {
  /** Opens a group; everything until its end belongs to it. */
  startGroup(name: string): void
  /** Closes the innermost group; nothing when none is open. */
  endGroup(): void
  /** Runs `fn` inside a group and gives its result. The group is closed whatever happens, with all opened in it. */
  group<T>(name: string, fn: () => T | Promise<T>): Promise<T>
  /** Closes every open group, for the way out: an open group would swallow what other tools print next. */
  closeGroups(): void
}

/** Takes what logs a record, gives groups with none open. */
export function createGroups(log: (record: LogRecord) => void): Groups {
  let depth = 0
  const groups: Groups = {
    startGroup(name) {
      depth += 1
      log({ kind: 'group', text: name, depth })
    },
    endGroup() {
      if (depth === 0) return
      log({ kind: 'endgroup', depth })
      depth -= 1
    },
    async group(name, fn) {
      const outer = depth
      groups.startGroup(name)
      try {
        return await fn()
      } finally {
        while (depth > outer) groups.endGroup()
      }
    },
    closeGroups() {
      while (depth > 0) groups.endGroup()
    },
  }
  return groups
}
