import type { Area } from '../../../core/observed.ts'
import type { ChurnFact, NetworkFact } from '../../../facts/runner.ts'
import { ownerOf } from '../owner.ts'
import { record, short } from './answer.ts'
import type { EngineApi } from './api.ts'

export interface EventsOptions {
  api: EngineApi
  /** What is there now: it knows bridges by names of their own, and when the engine started. */
  networks: Area<NetworkFact[]>
  /** `EngineLook.outlived`. */
  outlived: boolean
  now: () => number
}

/**
 * Docker keeps the last 256 events of all kinds; a workflow of three steps makes 37. One less may come where an event
 * falls into the moment of the question.
 */
const ring = 250

/**
 * Which networks came and went, and containers at them, by the engine's own memory: GET /events. Its filters apply after
 * the ring, so all kinds are asked for, to see whether it is full.
 */
export async function observeEvents(options: EventsOptions): Promise<Area<ChurnFact>> {
  const { api, networks, now } = options
  const unseen = (why: string): Area<ChurnFact> => ({
    ...{ seen: false, why, remedies: ['host-snapshot', 'host-network'], applies: true },
  })
  if (api.flavour === 'podman') return unseen('Podman tells of no network that comes or goes')
  const to = now()
  // A whole second as the end would cut off the current one; without an end the answer would go on for ever.
  const until = `${Math.floor(to / 1000)}.${String(Math.floor(to % 1000)).padStart(3, '0')}999999`
  const told = await api.text(`/events?since=0&until=${until}`)
  if (!told.ok) return unseen(told.why)
  const events = parsed(told.text)
  if (events === undefined) return unseen('GET /events: the answer is no list of events')

  const oldest = events[0]?.at ?? to
  const truncated = events.length >= ring
  const from = truncated ? oldest : Math.min(startedAt(options), oldest)
  const changes = changesIn(events, bridgesIn(networks))
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

/** One event to a line; behind a record separator where an engine sends a JSON text sequence (RFC 7464). */
function parsed(text: string): Event[] | undefined {
  const events: Event[] = []
  for (const line of text.replaceAll('\u001e', '').split('\n')) {
    if (line.trim() === '') continue
    try {
      const entry = record(JSON.parse(line))
      const actor = record(entry.Actor)
      const at = typeof entry.timeNano === 'number' ? entry.timeNano / 1e6 : Number(entry.time) * 1000
      if (Number.isNaN(at)) return undefined
      events.push({
        ...{ at: Math.floor(at), attributes: record(actor.Attributes), id: short(actor.ID) ?? '' },
        ...{ type: short(entry.Type) ?? '', action: short(entry.Action) ?? '' },
      })
    } catch {
      return undefined
    }
  }
  return events.sort((one, other) => one.at - other.at)
}

const actions = { create: 'create', destroy: 'destroy', connect: 'attach', disconnect: 'detach' } as const

/** Bridges alone: what a container does at the host's network, such as our own snapshot, changes no link. */
function changesIn(events: Event[], bridges: Map<string, string>): ChurnFact['changes'] {
  return events.flatMap(({ type, action, id, at, attributes }) => {
    const what = Object.hasOwn(actions, action) ? actions[action as keyof typeof actions] : undefined
    if (type !== 'network' || what === undefined || attributes.type !== 'bridge') return []
    const name = short(attributes.name) ?? id.slice(0, 12)
    const bridge = bridges.get(id) ?? `br-${id.slice(0, 12)}`
    return [{ at, what, name, owner: ownerOf(name), bridge }]
  })
}

function bridgesIn(networks: Area<NetworkFact[]>): Map<string, string> {
  const all = networks.seen ? networks.value : []
  return new Map(all.flatMap(({ id, bridge }) => (bridge === undefined ? [] : [[id, bridge] as const])))
}

/**
 * An engine forgets its events when it restarts, and does not tell when that was; but it makes its network `bridge` anew
 * then, unless it found containers alive (both measured on 20.10). Without that, all that is sure is its oldest event.
 */
function startedAt({ networks, outlived, now }: EventsOptions): number {
  const own = networks.seen
    ? networks.value.find(({ name, owner }) => name === 'bridge' && owner === 'engine')
    : undefined
  return outlived ? now() : (own?.createdAt ?? now())
}
