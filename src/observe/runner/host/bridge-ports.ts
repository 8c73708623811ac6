import type { ChurnFact } from '../../../facts/runner.ts'

type Change = ChurnFact['changes'][number]

/** A line of the kernel log with its time in milliseconds since the epoch. */
export interface TimedLine {
  at: number
  text: string
}

const portState =
  /^([^\s:]{1,15}): port \d+\(([^\s:]{1,15})\) entered (blocking|listening|learning|forwarding|disabled) state$/
/** `device veth0 left …` before Linux 6.4; `veth0 (unregistering): left …` when the interface goes away. */
const leftPromiscuous = /^(?:device )?([^\s:]{1,15})(?: \(unregistering\))?:? left promiscuous mode$/

/** What the lines that tell of bridge ports look like. */
export const isPortLine = (text: string): boolean => portState.test(text) || leftPromiscuous.test(text)

/**
 * Containers that came to a bridge and left it, from the kernel log. It prints up to five states for each: an interface has
 * come with the first line that names it as a port, and has left when it leaves promiscuous mode. Bridges are made and
 * removed without a line, so a network that nothing was attached to is not here.
 */
export function portChanges(lines: Iterable<TimedLine>): Change[] {
  const changes: Change[] = []
  const bridgeOf = new Map<string, string>()
  const members = new Set<string>()
  for (const { at, text } of lines) {
    const [, bridge, name = '', state] = portState.exec(text) ?? []
    if (bridge !== undefined) {
      bridgeOf.set(name, bridge)
      // The log may begin after it came, and tell only how it goes.
      if (state === 'disabled' || members.has(name)) continue
      members.add(name)
      changes.push(changeOf(at, 'attach', bridge))
      continue
    }
    const left = leftPromiscuous.exec(text)?.[1]
    const from = left === undefined ? undefined : bridgeOf.get(left)
    if (left === undefined || from === undefined) continue
    members.delete(left)
    bridgeOf.delete(left)
    changes.push(changeOf(at, 'detach', from))
  }
  return changes
}

const changeOf = (at: number, what: Change['what'], bridge: string): Change => ({
  at,
  what,
  name: bridge,
  owner: bridge === 'docker0' ? 'engine' : 'other',
  bridge,
})
