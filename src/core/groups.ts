/** The parts of a pull that can be at fault, in the order reports list them, and what each stands for. */
export const groupInfo = {
  image: { label: 'image', about: 'the image as it was pushed: manifests, configurations, layers' },
  registry: {
    label: 'registry',
    about: 'the registry itself: what it lists, how it answers, whom it lets in',
  },
  path: { label: 'path', about: 'the network path to the registry: names, connections, TLS, proxies' },
  runner: { label: 'runner', about: 'the CI runner: its networks, packet filter and ports' },
} as const satisfies Record<string, GroupInfo>

interface GroupInfo {
  /** As reports print it. */
  label: string
  about: string
}

/**
 * A group of checks. Every stage keeps one table by group (`facts/facts.ts`, `facts/coverage.ts`, `observe/observe.ts`,
 * `report/sections.ts`, `outputs/terminal/sections.ts`); a group without an entry in one of them does not compile.
 */
export type Group = keyof typeof groupInfo

/** Every group, in the order reports list them. */
export const groups = Object.keys(groupInfo) as [Group, ...Group[]]
