import type { ChurnFact } from '../../../facts/runner.ts'

type Change = ChurnFact['changes'][number]

/** A line of the kernel log with its time in milliseconds since the epoch. */
export interface TimedLine {
  at: number
  text: string
}

const portState =
  /^([^\s:]{1,15}): port \d+\(([^\s:]{1,15})\) entered (blocking|listening|learning|forwarding|disabled) state$/
/** `device veth0 left …` before Linux 6.4; `veth0 (unregistering): left …` when the interface is removed. */
const leftPromiscuous = /^(?:device )?([^\s:]{1,15})(?: \(unregistering\))?:? left promiscuous mode$/

/** Whether a line of the kernel log is about a bridge port. */
export const isPortLine = (text: string): boolean => portState.test(text) || leftPromiscuous.test(text)

/**
 * Containers attached to and detached from bridges, from the kernel log. It logs up to five states per port: an interface is
 * attached with the first line that names it as a port, and detached when it leaves promiscuous mode. The kernel logs nothing
 * when a bridge is created or removed, so a network that never had a container is not here.
 */
export function portChanges(lines: Iterable<TimedLine>): Change[] {
  const changes: Change[] = []
  const bridgeOf = new Map<string, string>()
  const members = new Set<string>()
  for (const { at, text } of lines) {
    const [, bridge, name = '', state] = portState.exec(text) ?? []
    if (bridge !== undefined) {
      bridgeOf.set(name, bridge)
      // The log may begin after the interface was attached and show only its detachment.
      if (state === 'disabled' || members.has(name)) continue
      members.add(name)
      changes.push(changeOf(at, 'attach', bridge))
      continue
    }
    const interfaceName = leftPromiscuous.exec(text)?.[1]
    const leftBridge = interfaceName === undefined ? undefined : bridgeOf.get(interfaceName)
    if (interfaceName === undefined || leftBridge === undefined) continue
    members.delete(interfaceName)
    bridgeOf.delete(interfaceName)
    changes.push(changeOf(at, 'detach', leftBridge))
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
