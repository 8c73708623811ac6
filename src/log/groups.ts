import type { LogRecord } from './types.ts'

/** The functions of the logger that fold lines into groups. */
export type Groups = {
  /** Opens a group. */
  startGroup(name: string): void
  /** Closes the innermost group; does nothing when none is open. */
  endGroup(): void
  /** Runs `fn` inside a group and returns its result. Always closes the group, and those opened inside it. */
  group<T>(name: string, fn: () => T | Promise<T>): Promise<T>
  /** Closes every open group at the end of the run: an open group would swallow the output of later tools. */
  closeGroups(): void
}

/** Creates the group functions, with no group open. */
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
