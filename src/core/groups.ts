/** What can be at fault, in the order of reports. */
export const groupInfo = {
  image: { label: 'image', about: 'the pushed image: manifests, configurations, layers' },
  registry: {
    label: 'registry',
    about: 'the registry: catalog, responses, authentication',
  },
  path: { label: 'path', about: 'the network path to the registry: names, connections, TLS, proxies' },
  runner: { label: 'runner', about: 'the CI runner: its networks, packet filter and ports' },
  storage: {
    label: 'storage',
    about: 'the storage of the registry: its links, manifests and blobs',
    onlyWith: 'storage',
  },
  cluster: {
    label: 'cluster',
    about: 'the cluster: which nodes cannot pull which images, and why',
    onlyWith: 'mode: cluster',
  },
} as const satisfies Record<string, GroupInfo>

interface GroupInfo {
  /** Its name in reports. */
  label: string
  /** What it covers. */
  about: string
  /** The setting without which it is no part of a run, nor of its report. */
  onlyWith?: string
}

/**
 * A group of checks. Every stage keeps one table by group (`facts/facts.ts`, `facts/coverage.ts`, `observe/observe.ts`,
 * `report/sections.ts`, `outputs/terminal/sections.ts`, `outputs/html/page.ts`); a group without an entry in one of them does not compile.
 */
export type Group = keyof typeof groupInfo

/** All groups, in the order of reports. */
export const groups = Object.keys(groupInfo) as [Group, ...Group[]]

/** The groups of every run. */
export const usualGroups = groups.filter((group) => !isOnDemand(group))

/** Whether a group is part only of the runs that ask for it. */
export function isOnDemand(group: Group): boolean {
  const { onlyWith }: GroupInfo = groupInfo[group]
  return onlyWith !== undefined
}
