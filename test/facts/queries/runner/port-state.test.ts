import { describe, expect, test } from 'vitest'
import { listenerAt, portState, portStates } from '../../../../src/facts/queries/runner/port-state.ts'
import type { Dial, PortTarget, RunnerFact } from '../../../../src/facts/runner.ts'
import {
  dialled,
  gateway,
  named,
  open,
  refused,
  silent,
  states,
  unreachable,
} from '../../../support/dialled.ts'
import {
  allOf,
  areaIn,
  chainIn,
  healthyRunner,
  networkOf,
  type RunnerChange,
  withNetworks,
  without,
  withRules,
} from '../../../support/runner-facts.ts'

/** Nothing but ports was seen, as from a plain container. */
const plain = without(
  'engine',
  'networks',
  'churn',
  'links',
  'rules',
  'routes',
  'conntrack',
  'kernel',
  'pressure',
)

function runnerWith(...changes: RunnerChange[]): RunnerFact {
  const runner = healthyRunner()
  allOf(...changes)(runner)
  return runner
}

const rowsFor = (target: PortTarget, ...changes: RunnerChange[]) =>
  portStates(runnerWith(plain, dialled([target]), ...changes)).map(({ row, dials }) => [
    row,
    dials.map(({ port }) => port),
  ])

describe('from a plain container', () => {
  test.each(Object.entries(states))('row %s', (row, state) => {
    expect(rowsFor(gateway(state))).toEqual([[row, [22]]])
    expect(rowsFor(named(state))).toEqual([[row, [22]]])
  })

  test.each<[string, string, Partial<PortTarget>]>([
    ['A without ping', 'A', { ...states.A, ping: 'not possible' }],
    ['A where the host drops pings too, and refuses a datagram', 'A', { ...states.A, ping: 'silent' }],
    ['G without ping', 'G', { ...states.G, ping: 'not possible' }],
    [
      'G where another port is open, and pings are dropped',
      '0G',
      { ...states.G, ping: 'silent', ports: [open(443), silent(22)] },
    ],
    ['E for want of any sign of life', 'E', { ...states.G, ping: 'silent' }],
    ['B without ping: a rule answers at once', 'B', { ...states.B, ping: 'not possible' }],
    [
      'B where the rule rejects pings too',
      'B',
      { ...states.B, ping: 'unreachable', pingSaid: 'Packet filtered' },
    ],
    [
      'B late, for a kernel that sends few errors',
      'B',
      { ...states.B, ports: [unreachable(22, 1005)], canaries: [silent(9)] },
    ],
    [
      'B where only a canary got an error',
      'B',
      { ...states.B, ports: [silent(22)], canaries: [unreachable(9, 0.3), silent(25_000)] },
    ],
    ['B for one port of many', 'B', { ports: [unreachable(22, 0.3)] }],
    ['F without ping', 'F', { ...states.F, ping: 'not possible' }],
    [
      'F where a router has no route',
      'F',
      { ...states.B, ping: 'unreachable', pingSaid: 'Destination Net Unreachable' },
    ],
    ['F where only a canary was told', 'F', { ...states.F, ports: [silent(22, 4000)] }],
    ['F by ARP alone', 'F', { ...states.E, neighbour: 'missing' }],
    ['F by ARP alone, without ping', 'F', { ...states.E, ping: 'not possible', neighbour: 'missing' }],
    ['F by ping alone', 'F', { ...states.E, ping: 'unreachable', pingSaid: 'Destination Host Unreachable' }],
    [
      'C beside one closed port that refuses',
      'C',
      { ports: [silent(22)], canaries: [refused(9), silent(25_000)] },
    ],
    ['0 for a service that hung up', '0', { ports: [open(22, 'closed')] }],
    ['closed', 'closed', { ports: [refused(22)] }],
    ['unclear', 'unclear', { ports: [{ port: 22, result: 'failed', ms: 0, code: 'EACCES' }] }],
  ])('%s', (_, row, state) => {
    expect(
      rowsFor(gateway(state))
        .map(([one]) => one)
        .join(''),
    ).toBe(row)
  })

  test('each port has its own row', () => {
    const ports = [open(22, 'came'), silent(6443), refused(443), open(25, 'silent'), silent(8080)]
    expect(rowsFor(gateway({ ports }))).toEqual([
      ['0', [22]],
      ['C', [6443, 8080]],
      ['closed', [443]],
      ['D', [25]],
    ])
  })
})

describe('the socket of a port', () => {
  const sockets = [
    { address: '127.0.0.1', port: 22, program: 'loopback' },
    { address: '0.0.0.0', port: 23, program: 'other port' },
    { address: '10.0.0.5', port: 22, program: 'one address' },
    { address: '0.0.0.0', port: 6443, program: 'IPv4' },
    { address: '::', port: 443, program: 'both' },
  ]

  test.each([
    ['172.17.0.1', 22, undefined],
    ['10.0.0.5', 22, 'one address'],
    ['172.17.0.1', 6443, 'IPv4'],
    ['172.17.0.1', 443, 'both'],
    ['fd00::1', 443, 'both'],
    ['fd00::1', 6443, undefined],
  ])('%s, %i: %s', (address, port, program) => {
    expect(listenerAt(sockets, address, port)?.program).toBe(program)
  })
})

describe('what else was seen decides', () => {
  const row = (state: Partial<PortTarget>, ...changes: RunnerChange[]) => {
    const target = gateway(state)
    const runner = runnerWith(dialled([target]), ...changes)
    return target.ports.map((dial) => portState(dial, target, runner)).join()
  }

  test('a rule that drops everything is no rule about TCP', () => {
    expect(row({ ...states.A, datagram: 'unreachable' }, withRules('filter', 'INPUT', '-j DROP'))).toBe('G')
    expect(row({ ...states.G }, withRules('filter', 'INPUT', '-p tcp -j DROP'))).toBe('A')
  })

  test('among several rules, one that drops everything decides', () => {
    const rules = withRules('filter', 'INPUT', '-p tcp -j DROP', '-j DROP')
    expect(row({ ...states.A, datagram: 'unreachable' }, rules)).toBe('G')
  })

  test('a policy that drops', () => {
    const policy: RunnerChange = (runner) => {
      chainIn(runner, 'filter', 'INPUT').policy = 'DROP'
    }
    expect(row({ ...states.A, datagram: 'unreachable' }, policy)).toBe('G')
    expect(row(states.A, policy)).toBe('A')
  })

  test('a rule that drops one port is no full queue', () => {
    expect(row(states.C, withRules('filter', 'INPUT', '-p tcp -m tcp --dport 22 -j DROP'))).toBe('A')
    expect(row(states.C, withRules('filter', 'INPUT', '-p tcp -m tcp --dport 23 -j DROP'))).toBe('C')
  })

  test.each([
    ['has room, and dropped none', { waiting: 0, limit: 128 }, 0, 'A'],
    ['dropped some', { waiting: 0, limit: 128 }, 3, 'C'],
    ['is full', { waiting: 129, limit: 128 }, 0, 'C'],
  ])('a queue that %s', (_, queue, listenDrops, expected) => {
    const target = gateway(states.C)
    const listeners = [{ address: '0.0.0.0', port: 22, queue }]
    const runner = runnerWith(dialled([target], { listeners, listenDrops }))
    expect(portState(target.ports[0] as Dial, target, runner)).toBe(expected)
  })

  test('a refusal of a port that a program listens on is a rule’s, where there is one', () => {
    const listens: RunnerChange = (runner) => {
      areaIn(runner, 'ports').listeners = [{ address: '0.0.0.0', port: 22 }]
    }
    const rejects = withRules('filter', 'INPUT', '-p tcp -m tcp --dport 22 -j REJECT --reject-with tcp-reset')
    expect(row({ ports: [refused(22)] }, listens, rejects)).toBe('B')
    expect(row({ ports: [refused(22)] }, listens)).toBe('closed')
    expect(row({ ports: [refused(22)] }, rejects)).toBe('closed')
  })

  test('silence, or no neighbour, in a network of Docker’s that no container has: it is in the way', () => {
    const shadow = withNetworks(
      networkOf('shop_default', 20, { subnets: ['192.0.2.0/24'], gateways: ['192.0.2.1'], endpoints: 0 }),
    )
    for (const state of [states.E, states.F]) {
      const target = named({ ...state })
      const runner = runnerWith(shadow, without('routes'), dialled([target]))
      expect(portStates(runner).map((one) => one.row)).toEqual(['E'])
    }
    for (const [row, state] of Object.entries({
      0: states[0],
      A: states.A,
      B: states.B,
      C: states.C,
      D: states.D,
    })) {
      const runner = runnerWith(shadow, without('routes', 'rules'), dialled([named(state)]))
      expect(portStates(runner).map((one) => one.row)).toEqual([row])
    }
  })
})

test('whatever is seen, it has a row that fits it', () => {
  const results = ['open', 'refused', 'timeout', 'unreachable', 'failed'] as const
  const pings = ['answered', 'silent', 'unreachable', 'not possible'] as const
  const datagrams = [undefined, 'refused', 'unreachable', 'silent'] as const
  const fits: Record<string, string> = {
    open: '0D',
    refused: 'Bclosed',
    timeout: 'ABCEFG',
    unreachable: 'BF',
    failed: 'unclear',
  }
  for (const result of results)
    for (const canary of results)
      for (const ping of pings)
        for (const datagram of datagrams) {
          const target = gateway({
            ping,
            ...(datagram === undefined ? {} : { datagram }),
            ports: [{ port: 22, result, ms: 1 }],
            canaries: [{ port: 9, result: canary, ms: 1 }],
          })
          const [found] = portStates(runnerWith(plain, dialled([target])))
          expect(fits[result], JSON.stringify(target)).toContain(found?.row)
          if (ping === 'answered') expect(found?.row).not.toMatch(/[EF]/)
        }
})
