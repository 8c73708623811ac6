import { describe, expect, test } from 'vitest'
import { countsOf, livesOf, packed } from '../../../src/outputs/html/lives.ts'
import { rowMs, waterfallRows } from '../../../src/outputs/html/waterfall-rows.ts'
import { stationsOf } from '../../../src/outputs/html/way.ts'
import type { ReportRunner } from '../../../src/report/schema.ts'
import { reportOf } from '../../report/reports.ts'
import { answeredAttempt, endpointLeg, failedAttempt } from '../../support/legs.ts'

const at = (second: number): string => new Date(second * 1000).toISOString()
const change = (
  second: number,
  what: 'create' | 'destroy' | 'attach' | 'detach',
  name: string,
  bridge?: string,
) => ({
  ...{ at: at(second), what, name, owner: 'woodpecker' },
  ...(bridge === undefined ? {} : { bridge }),
})

describe('the lives of networks', () => {
  test('last from the first change to the last; what is not known is absent', () => {
    const changes = [
      change(1, 'create', 'a'),
      change(2, 'create', 'b'),
      change(3, 'destroy', 'a'),
      change(4, 'destroy', 'older'),
    ]
    expect(livesOf(changes)).toEqual([
      { name: 'a', owner: 'woodpecker', from: 1000, to: 3000 },
      { name: 'b', owner: 'woodpecker', from: 2000 },
      { name: 'older', owner: 'woodpecker', to: 4000 },
    ])
  })

  test('of a kernel log are those of the bridges that links join and leave', () => {
    const changes = [
      change(1, 'attach', 'veth1', 'br-1'),
      change(2, 'attach', 'veth2', 'br-1'),
      change(3, 'detach', 'veth1', 'br-1'),
    ]
    expect(livesOf(changes)).toEqual([{ name: 'br-1', owner: 'woodpecker', from: 1000, to: 3000 }])
  })

  const span = { from: 0, to: 100_000 }
  const lives = [
    { name: 'a', owner: 'act', from: 0, to: 10_000 },
    { name: 'b', owner: 'act', from: 5000, to: 20_000 },
    { name: 'c', owner: 'act', from: 30_000 },
  ]

  test('share a row where they do not overlap', () => {
    expect(packed(lives, span).map((row) => row.map(({ name }) => name))).toEqual([['a', 'c'], ['b']])
  })

  test('are counted at every moment', () => {
    expect(countsOf(lives, span)).toEqual([
      { at: 0, count: 1 },
      { at: 5000, count: 2 },
      { at: 10_000, count: 1 },
      { at: 20_000, count: 0 },
      { at: 30_000, count: 1 },
    ])
  })
})

describe('the rows of a waterfall', () => {
  const slow = { ...failedAttempt('tls-timeout', 'tls'), phases: { connect: 14 } }
  if (slow.failure) slow.failure.ms = 10_000
  const withLegs = (...legs: ReturnType<typeof endpointLeg>[]) =>
    waterfallRows(
      reportOf((facts) => {
        facts.path.legs = legs
      }),
    )

  test('are the addresses of each leg, with the time that was waited in vain', () => {
    const rows = withLegs(
      endpointLeg('ghcr.io', {
        '192.0.2.1': [answeredAttempt()],
        '192.0.2.2': [slow, slow, answeredAttempt()],
      }),
    )
    expect(rows.map(({ name, place, status, end, often }) => [name, place, status, end, often])).toEqual([
      ['ghcr.io', '192.0.2.1', 'pass', 'HTTP 401', ''],
      ['ghcr.io', '192.0.2.2', 'warn', 'tls-timeout', '2 of 3 failed'],
    ])
    expect(rows[1]).toMatchObject({
      lost: { ms: 10_000, why: 'tls-timeout' },
      attempts: [false, false, true],
    })
    expect(rows.map(rowMs)).toEqual([11, 2 + 14 + 3 + 10_000])
  })

  test('keep every failure where there are too many', () => {
    const many = Array.from({ length: 40 }, (_, n) =>
      endpointLeg(`h${n}`, { '192.0.2.1': [n === 39 ? slow : answeredAttempt()] }),
    )
    const rows = withLegs(...many)
    expect(rows).toHaveLength(24)
    expect(rows.at(-1)).toMatchObject({ name: 'h39', status: 'fail' })
  })

  test('are the requests of the run where no leg was probed, from when each was sent', () => {
    const request = (ms: number, status: number) => ({
      ...{ method: 'GET' as const, url: 'https://r.example/v2/app/manifests/1', role: 'registry' as const },
      ...{ at: 1_000_000 + ms, status, http2: true, phases: { headers: 5 }, attempt: 0 },
    })
    const report = { ...reportOf(), keyRequests: [request(0, 200), request(40, 503)] }
    expect(waterfallRows(report).map(({ name, place, from, status }) => [name, place, from, status])).toEqual(
      [
        ['registry r.example', 'GET app/manifests/1', 0, 'pass'],
        ['registry r.example', 'GET app/manifests/1', 40, 'warn'],
      ],
    )
  })
})

describe('the way of a packet', () => {
  const way = (given: Partial<NonNullable<ReportRunner['ways']>[number]>) => ({
    ...{
      about: 'egress' as const,
      from: 'container 172.18.0.2',
      to: 'other hosts',
      through: ['br-1', 'eth0'],
    },
    ...{ direction: 'there' as const, certain: true, stage: 'forward' as const, effect: '', evidence: [] },
    ...given,
  })
  const drawn = (given: Parameters<typeof way>[0]) => {
    const { stops, lost } = stationsOf(way(given))
    return stops.map(({ name }, position) => (position === lost ? `(${name})` : name)).join(' ')
  }
  const forwarding = 'prerouting routing forward postrouting'

  test.each([
    ['out', {}, `container 172.18.0.2 br-1 ${forwarding.replace('forward', '(forward)')} eth0 other hosts`],
    [
      'of an answer',
      { direction: 'back' as const, stage: 'routing' as const },
      `other hosts eth0 prerouting (routing) forward postrouting br-1 container 172.18.0.2`,
    ],
    [
      'at an interface',
      { stage: 'link' as const, effect: 'eth0 is down' },
      `container 172.18.0.2 br-1 ${forwarding} (eth0) other hosts`,
    ],
    [
      'at a hook that is seldom used',
      { stage: 'ingress' as const },
      `container 172.18.0.2 (ingress) br-1 ${forwarding} eth0 other hosts`,
    ],
    [
      'to the host itself',
      { about: 'published port' as const, from: 'other hosts', through: ['br-1'], stage: 'input' as const },
      'other hosts prerouting routing (input) container',
    ],
    [
      'from this host',
      { about: 'published port' as const, from: 'this host', through: ['br-1'], stage: 'routing' as const },
      'this host output (routing) postrouting br-1 container',
    ],
    [
      'whose answer has the wrong address',
      {
        about: 'published port' as const,
        from: 'its network',
        through: ['br-1'],
        stage: 'container' as const,
        direction: 'back' as const,
      },
      'container br-1 (its network)',
    ],
  ])('%s', (_, given, expected) => {
    expect(drawn(given)).toBe(expected)
  })
})
