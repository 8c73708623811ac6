import { describe, expect, test } from 'vitest'
import type { Area } from '../../../src/core/observed.ts'
import type { ChurnFact, NetworkFact } from '../../../src/facts/runner.ts'
import { observeEvents } from '../../../src/observe/runner/docker/events.ts'
import { type Answered, useSockets } from '../../support/fake-engine.ts'

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

/** What is made of these events, and how they were asked for. */
async function look(
  answered: Answered,
  {
    known = networks(),
    outlived = false,
    podman = false,
  }: { known?: Area<NetworkFact[]>; outlived?: boolean; podman?: boolean } = {},
) {
  const { api, asked } = await sockets.api({ podman, answer: () => answered })
  return { churn: await observeEvents({ api, networks: known, outlived, now: () => now }), asked }
}

const value = ({ churn }: { churn: Area<ChurnFact> }): ChurnFact => {
  if (!churn.seen) throw new Error(churn.why)
  return churn.value
}

describe('networks that came and went', () => {
  test('creates, destroys, and containers at them, in the order of time', async () => {
    const events = [event(60, 'create'), event(59, 'connect'), event(20, 'disconnect'), event(19, 'destroy')]
    const churn = value(await look({ text: lines(events) }))
    const about = { name: 'wp_01_a_default', owner: 'woodpecker', bridge: 'br-aaaaaaaaaaaa' }
    expect(churn.changes).toEqual([
      { at: now - 60_000, what: 'create', ...about },
      { at: now - 59_000, what: 'attach', ...about },
      { at: now - 20_000, what: 'detach', ...about },
      { at: now - 19_000, what: 'destroy', ...about },
    ])
  })

  test('a bridge with a name of its own', async () => {
    const known = networks([{ id: idOf('b'), name: 'x', owner: 'other', bridge: 'br-mine' }])
    const { changes } = value(await look({ text: lines([event(9, 'create', 'b')]) }, { known }))
    expect(changes).toMatchObject([{ bridge: 'br-mine' }])
  })

  test('what happens at no bridge changes no link: our own snapshot is at the host’s network', async () => {
    const events = [
      event(9, 'connect', 'c', { name: 'host', type: 'host' }),
      event(8, 'disconnect', 'c', { name: 'host', type: 'host' }),
      event(7, 'create', 'd', { type: 'overlay' }),
      { ...event(6, 'create', 'e'), Type: 'volume' },
    ]
    expect(value(await look({ text: lines(events) })).changes).toEqual([])
  })

  test('the form of API 1.52, with record separators or without the old fields', async () => {
    const text = [event(9, 'create'), event(8, 'destroy')]
      .map((one) => `\u001e${JSON.stringify(one)}\n`)
      .join('')
    expect(value(await look({ text })).changes).toHaveLength(2)
  })

  test('asked without a filter, which would hide how full the ring is, and to a fraction of a second', async () => {
    const { asked } = await look({ text: '' })
    const [{ path, query } = { path: '', query: new URLSearchParams() }] = asked
    expect(path).toBe('/events')
    expect(Object.fromEntries(query)).toEqual({ since: '0', until: `${now / 1000}.000999999` })
  })
})

describe('the window', () => {
  test('reaches back to the start of the engine, when it made its own network', async () => {
    expect(value(await look({ text: '' })).window).toEqual({ from: started, to: now, truncated: false })
    expect(value(await look({ text: lines([event(9, 'create')]) })).window.from).toBe(started)
  })

  test('is no older than the oldest event where the engine may be younger than its networks', async () => {
    const outlived = { outlived: true }
    expect(value(await look({ text: lines([event(9, 'create')]) }, outlived)).window.from).toBe(now - 9000)
    expect(value(await look({ text: '' }, outlived)).window).toEqual({ from: now, to: now, truncated: false })
  })

  test('is no older than the oldest event where the engine has no network of its own, or none is known', async () => {
    const without: Area<NetworkFact[]> = { seen: true, from: '', value: [] }
    const unknown: Area<NetworkFact[]> = { seen: false, why: '', remedies: [], applies: true }
    for (const known of [without, unknown])
      expect(value(await look({ text: lines([event(9, 'create')]) }, { known })).window.from).toBe(now - 9000)
  })

  test('begins with the oldest event when the ring is full, and says so', async () => {
    const other = { ...event(300, 'mount'), Type: 'volume' }
    const text = lines([...Array.from({ length: 255 }, () => other), event(5, 'create')])
    const churn = value(await look({ text }))
    expect(churn.window).toEqual({ from: now - 300_000, to: now, truncated: true })
    expect(churn.changes).toHaveLength(1)
  })
})

describe('what cannot be taken for events', () => {
  test.each<[string, Answered, string]>([
    ['HTML', { text: '<html>' }, 'GET /events: the answer is no list of events'],
    ['a cut line', { text: '{"Type":"network"' }, 'GET /events: the answer is no list of events'],
    ['an event without time', { value: { Type: 'network' } }, 'GET /events: the answer is no list of events'],
    ['more than 4 MiB', { text: '\n'.repeat(5 * 2 ** 20) }, 'GET /events: the answer is longer than 4 MiB'],
    ['a refusal', { status: 403, text: 'no' }, 'GET /events: it answers 403 with application/json'],
  ])('%s', async (_, answered, why) => {
    expect((await look(answered)).churn).toMatchObject({ seen: false, why })
  })

  test('Podman’s', async () => {
    const { churn, asked } = await look({ text: '' }, { podman: true })
    expect(churn).toMatchObject({ seen: false, why: 'Podman tells of no network that comes or goes' })
    expect(asked).toEqual([])
  })
})
