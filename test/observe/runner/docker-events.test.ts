import { describe, expect, test } from 'vitest'
import type { Area } from '../../../src/core/observed.ts'
import type { ChurnFact, NetworkFact } from '../../../src/facts/runner.ts'
import { observeEvents } from '../../../src/observe/runner/docker/events.ts'
import { type FakeResponse, useSockets } from '../../support/fake-engine.ts'

const sockets = useSockets()
const now = Date.UTC(2026, 10, 20, 12)
const started = now - 3_600_000
const idOf = (letter: string) => letter.repeat(64)

const event = (
  secondsAgo: number,
  Action: string,
  letter = 'a',
  Attributes: Record<string, string> = {},
) => ({
  ...{ Type: 'network', Action, scope: 'local' },
  Actor: { ID: idOf(letter), Attributes: { name: `wp_01_${letter}_default`, type: 'bridge', ...Attributes } },
  time: now / 1000 - secondsAgo,
  timeNano: (now - secondsAgo * 1000) * 1e6,
})

const networks = (own: Partial<NetworkFact>[] = []): Area<NetworkFact[]> => ({
  seen: true,
  from: 'the Docker socket',
  value: [
    { name: 'bridge', owner: 'engine', createdAt: started, bridge: 'docker0', id: idOf('0') },
    ...own,
  ].map(
    (one) =>
      ({
        driver: 'bridge',
        subnets: [],
        gateways: [],
        internal: false,
        masquerade: true,
        ...one,
      }) as NetworkFact,
  ),
})

const lines = (events: unknown[]) => events.map((one) => JSON.stringify(one)).join('\n')

/** The observation made from a response to GET /events, and the requests. */
async function observe(
  response: FakeResponse,
  {
    known = networks(),
    liveRestore = false,
    podman = false,
  }: { known?: Area<NetworkFact[]>; liveRestore?: boolean; podman?: boolean } = {},
) {
  const { api, requests } = await sockets.api({ podman, respond: () => response })
  return { churn: await observeEvents({ api, networks: known, liveRestore, now: () => now }), requests }
}

const value = ({ churn }: { churn: Area<ChurnFact> }): ChurnFact => {
  if (!churn.seen) throw new Error(churn.why)
  return churn.value
}

describe('networks created and removed', () => {
  test('created, attached, detached, destroyed, in chronological order', async () => {
    const events = [event(60, 'create'), event(59, 'connect'), event(20, 'disconnect'), event(19, 'destroy')]
    const churn = value(await observe({ text: lines(events) }))
    const about = { name: 'wp_01_a_default', owner: 'woodpecker', bridge: 'br-aaaaaaaaaaaa' }
    expect(churn.changes).toEqual([
      { at: now - 60_000, what: 'create', ...about },
      { at: now - 59_000, what: 'attach', ...about },
      { at: now - 20_000, what: 'detach', ...about },
      { at: now - 19_000, what: 'destroy', ...about },
    ])
  })

  test('a bridge with a configured name', async () => {
    const known = networks([{ id: idOf('b'), name: 'x', owner: 'other', bridge: 'br-mine' }])
    const { changes } = value(await observe({ text: lines([event(9, 'create', 'b')]) }, { known }))
    expect(changes).toMatchObject([{ bridge: 'br-mine' }])
  })

  test('events of other networks are left out, such as those of our own sibling on the host network', async () => {
    const events = [
      event(9, 'connect', 'c', { name: 'host', type: 'host' }),
      event(8, 'disconnect', 'c', { name: 'host', type: 'host' }),
      event(7, 'create', 'd', { type: 'overlay' }),
      { ...event(6, 'create', 'e'), Type: 'volume' },
    ]
    expect(value(await observe({ text: lines(events) })).changes).toEqual([])
  })

  test('the format of API 1.52, with record separators', async () => {
    const text = [event(9, 'create'), event(8, 'destroy')]
      .map((one) => `\u001e${JSON.stringify(one)}\n`)
      .join('')
    expect(value(await observe({ text })).changes).toHaveLength(2)
  })

  test('the request has no filter, which would hide how full the ring buffer is, and fractions of seconds', async () => {
    const { requests } = await observe({ text: '' })
    const [{ path, query } = { path: '', query: new URLSearchParams() }] = requests
    expect(path).toBe('/events')
    expect(Object.fromEntries(query)).toEqual({ since: '0', until: `${now / 1000}.000999999` })
  })
})

describe('the window', () => {
  test('reaches back to the start of the engine, when it created its own network', async () => {
    expect(value(await observe({ text: '' })).window).toEqual({ from: started, to: now, truncated: false })
    expect(value(await observe({ text: lines([event(9, 'create')]) })).window.from).toBe(started)
  })

  test('begins with the oldest event where the engine may be younger than its networks', async () => {
    const liveRestore = { liveRestore: true }
    expect(value(await observe({ text: lines([event(9, 'create')]) }, liveRestore)).window.from).toBe(
      now - 9000,
    )
    expect(value(await observe({ text: '' }, liveRestore)).window).toEqual({
      from: now,
      to: now,
      truncated: false,
    })
  })

  test('begins with the oldest event where the engine has no network of its own, or networks were not seen', async () => {
    const without: Area<NetworkFact[]> = { seen: true, from: '', value: [] }
    const unknown: Area<NetworkFact[]> = { seen: false, why: '', remedies: [], applies: true }
    for (const known of [without, unknown])
      expect(value(await observe({ text: lines([event(9, 'create')]) }, { known })).window.from).toBe(
        now - 9000,
      )
  })

  test('begins with the oldest event when the ring buffer is full, and is then truncated', async () => {
    const other = { ...event(300, 'mount'), Type: 'volume' }
    const text = lines([...Array.from({ length: 255 }, () => other), event(5, 'create')])
    const churn = value(await observe({ text }))
    expect(churn.window).toEqual({ from: now - 300_000, to: now, truncated: true })
    expect(churn.changes).toHaveLength(1)
  })
})

describe('responses that are not events', () => {
  test.each<[string, FakeResponse, string]>([
    ['HTML', { text: '<html>' }, 'GET /events: the response is not a list of events'],
    ['a truncated line', { text: '{"Type":"network"' }, 'GET /events: the response is not a list of events'],
    [
      'an event without time',
      { value: { Type: 'network' } },
      'GET /events: the response is not a list of events',
    ],
    ['more than 4 MiB', { text: '\n'.repeat(5 * 2 ** 20) }, 'GET /events: the response is larger than 4 MiB'],
    ['a refusal', { status: 403, text: 'no' }, 'GET /events: HTTP 403, application/json'],
  ])('%s', async (_, response, why) => {
    expect((await observe(response)).churn).toMatchObject({ seen: false, why })
  })

  test('Podman, which is not asked', async () => {
    const { churn, requests } = await observe({ text: '' }, { podman: true })
    expect(churn).toMatchObject({ seen: false, why: 'Podman reports no network events' })
    expect(requests).toEqual([])
  })
})
