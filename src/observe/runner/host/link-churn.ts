import type { ChurnFact } from '../../../facts/runner.ts'
import type { HostAccess } from '../host-access.ts'
import { linesOf } from './lines.ts'
import { outputOf } from './program-output.ts'
import type { Window } from './window.ts'

type Change = ChurnFact['changes'][number]

const maxChanges = 5000
/** Names that only an engine's bridges have: the monitor does not print the kind of a link. */
const bridgeName = /^(?:docker0|br-[0-9a-f]{12}|podman\d+|cni-?podman\d+|nerdctl\d+)$/

/**
 * Parses `ip -ts monitor link`, in UTC: `[2026-11-21T03:05:31.347202] 5: br-aaaaaaaaaaaa: <…> …` for a link that was created
 * or changed, `[…] Deleted 5: …` for one that was removed. `known` are the interfaces that existed before.
 */
export function parseLinkEvents(text: string, known: Iterable<string>): Change[] {
  const present = new Set(known)
  const changes: Change[] = []
  for (const line of linesOf(text)) {
    const [, time = '', deleted, name = ''] =
      /^\[(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,9})\] (Deleted )?\d+: ([^\s:@]{1,15})[:@]/.exec(line) ?? []
    const at = Math.floor(Date.parse(`${time}Z`))
    if (!bridgeName.test(name) || Number.isNaN(at) || changes.length === maxChanges) continue
    if (deleted !== undefined && present.delete(name)) changes.push(changeOf(at, 'destroy', name))
    else if (deleted === undefined && !present.has(name)) {
      present.add(name)
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

/** Bridges created and removed during the window; undefined where `ip monitor` is not available. */
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
