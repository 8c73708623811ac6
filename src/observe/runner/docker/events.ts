import type { Area } from '../../../core/observed.ts'
import type { ChurnFact, NetworkFact } from '../../../facts/runner.ts'
import { ownerOf } from '../owner.ts'
import type { EngineApi } from './api.ts'
import { fieldsOf, shortText } from './response.ts'

export interface EventsOptions {
  api: EngineApi
  /** The current networks, which show the names of bridges, and when the engine started. */
  networks: Area<NetworkFact[]>
  /** As in `EngineObservation`. */
  liveRestore: boolean
  now: () => number
}

/**
 * Docker keeps the last 256 events of all kinds; a workflow of three steps produces 37. An event that falls into the moment
 * of the request can make it one fewer.
 */
const ringSize = 250

/**
 * Networks created and removed, and containers attached and detached, from the events that the engine keeps: GET /events.
 * Filters apply after the ring buffer, so all kinds are requested, to see whether it is full.
 */
export async function observeEvents(options: EventsOptions): Promise<Area<ChurnFact>> {
  const { api, networks, now } = options
  const unseen = (why: string): Area<ChurnFact> => ({
    ...{ seen: false, why, remedies: ['host-snapshot', 'host-network'], applies: true },
  })
  if (api.flavour === 'podman') return unseen('Podman reports no network events')
  const to = now()
  // A whole second as the end would cut off the current one; without an end the response never ends.
  const until = `${Math.floor(to / 1000)}.${String(Math.floor(to % 1000)).padStart(3, '0')}999999`
  const response = await api.text(`/events?since=0&until=${until}`)
  if (!response.ok) return unseen(response.why)
  const events = parseEvents(response.text)
  if (events === undefined) return unseen('GET /events: the response is not a list of events')

  const oldest = events[0]?.at ?? to
  const truncated = events.length >= ringSize
  const from = truncated ? oldest : Math.min(startedAt(options), oldest)
  const changes = bridgeChanges(events, bridgesById(networks))
  return {
    seen: true,
    from: 'Docker events',
    value: { scope: 'namespace', window: { from, to, truncated }, changes },
  }
}

interface Event {
  type: string
  action: string
  id: string
  at: number
  attributes: Record<string, unknown>
}

/** One event per line, after a record separator where the engine sends a JSON text sequence (RFC 7464). */
function parseEvents(text: string): Event[] | undefined {
  const events: Event[] = []
  for (const line of text.replaceAll('\u001e', '').split('\n')) {
    if (line.trim() === '') continue
    try {
      const entry = fieldsOf(JSON.parse(line))
      const actor = fieldsOf(entry.Actor)
      const at = typeof entry.timeNano === 'number' ? entry.timeNano / 1e6 : Number(entry.time) * 1000
      if (Number.isNaN(at)) return undefined
      events.push({
        ...{ at: Math.floor(at), attributes: fieldsOf(actor.Attributes), id: shortText(actor.ID) ?? '' },
        ...{ type: shortText(entry.Type) ?? '', action: shortText(entry.Action) ?? '' },
      })
    } catch {
      return undefined
    }
  }
  return events.sort((one, other) => one.at - other.at)
}

const actions = { create: 'create', destroy: 'destroy', connect: 'attach', disconnect: 'detach' } as const

/** Bridges only: containers on the host's network, such as our own sibling, change no link. */
function bridgeChanges(events: Event[], bridges: Map<string, string>): ChurnFact['changes'] {
  return events.flatMap(({ type, action, id, at, attributes }) => {
    const what = Object.hasOwn(actions, action) ? actions[action as keyof typeof actions] : undefined
    if (type !== 'network' || what === undefined || attributes.type !== 'bridge') return []
    const name = shortText(attributes.name) ?? id.slice(0, 12)
    const bridge = bridges.get(id) ?? `br-${id.slice(0, 12)}`
    return [{ at, what, name, owner: ownerOf(name), bridge }]
  })
}

function bridgesById(networks: Area<NetworkFact[]>): Map<string, string> {
  const all = networks.seen ? networks.value : []
  return new Map(all.flatMap(({ id, bridge }) => (bridge === undefined ? [] : [[id, bridge] as const])))
}

/**
 * An engine loses its events when it restarts and does not report when that was. But it recreates its network `bridge` then,
 * unless it found running containers (both measured on 20.10). Without that network only the oldest event is certain.
 */
function startedAt({ networks, liveRestore, now }: EventsOptions): number {
  const own = networks.seen
    ? networks.value.find(({ name, owner }) => name === 'bridge' && owner === 'engine')
    : undefined
  return liveRestore ? now() : (own?.createdAt ?? now())
}
