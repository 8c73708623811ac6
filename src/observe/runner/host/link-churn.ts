import type { ChurnFact } from '../../../facts/runner.ts'
import type { HostAccess } from '../host-access.ts'
import { outputOf } from './area.ts'
import { linesOf } from './lines.ts'
import type { Window } from './window.ts'

type Change = ChurnFact['changes'][number]

const maxChanges = 5000
/** Names that only bridges of an engine have: the monitor tells no kinds. */
const bridgeName = /^(?:docker0|br-[0-9a-f]{12}|podman\d+|cni-?podman\d+|nerdctl\d+)$/

/**
 * Reads `ip -ts monitor link`: `[2026-11-21T03:05:31.347202] 5: br-aaaaaaaaaaaa: <…> …` for what was made or changed,
 * `[…] Deleted 5: …` for what was removed, in UTC. `known` are the interfaces there were before.
 */
export function parseLinkEvents(text: string, known: Iterable<string>): Change[] {
  const there = new Set(known)
  const changes: Change[] = []
  for (const line of linesOf(text)) {
    const [, time = '', deleted, name = ''] =
      /^\[(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,9})\] (Deleted )?\d+: ([^\s:@]{1,15})[:@]/.exec(line) ?? []
    const at = Math.floor(Date.parse(`${time}Z`))
    if (!bridgeName.test(name) || Number.isNaN(at) || changes.length === maxChanges) continue
    if (deleted !== undefined && there.delete(name)) changes.push(changeOf(at, 'destroy', name))
    else if (deleted === undefined && !there.has(name)) {
      there.add(name)
      changes.push(changeOf(at, 'create', name))
    }
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

/** Bridges that were made and removed during the window; undefined where nobody could be asked. */
export async function watchLinks(
  access: HostAccess,
  window: Window,
  known: Iterable<string>,
): Promise<ChurnFact | undefined> {
  const timeoutMs = Math.max(1, window.until - access.now())
  const run = await access.run('ip', ['-ts', 'monitor', 'link'], { timeoutMs, watch: true })
  const output = outputOf('ip', run)
  if (!output.ok) return undefined
  const changes = parseLinkEvents(output.text, known)
  return { scope: 'namespace', window: { from: window.from, to: access.now(), truncated: false }, changes }
}
