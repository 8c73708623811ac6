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

/** Only ports were observed, as from a plain container. */
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

const statesFor = (target: PortTarget, ...changes: RunnerChange[]) =>
  portStates(runnerWith(plain, dialled([target]), ...changes)).map(({ state, dials }) => [
    state,
    dials.map(({ port }) => port),
  ])

describe('from a plain container', () => {
  test.each(Object.entries(states))('%s', (state, target) => {
    expect(statesFor(gateway(target))).toEqual([[state, [22]]])
    expect(statesFor(named(target))).toEqual([[state, [22]]])
  })

  test.each<[string, string, Partial<PortTarget>]>([
    ['tcp-dropped without ping', 'tcp-dropped', { ...states['tcp-dropped'], ping: 'not possible' }],
    [
      'tcp-dropped: the host drops pings too, and refuses a datagram',
      'tcp-dropped',
      { ...states['tcp-dropped'], ping: 'silent' },
    ],
    ['policy-drop without ping', 'policy-drop', { ...states['policy-drop'], ping: 'not possible' }],
    [
      'policy-drop: another port is open, and pings are dropped',
      'open, policy-drop',
      { ...states['policy-drop'], ping: 'silent', ports: [open(443), silent(22)] },
    ],
    ['no-answer: nothing answers', 'no-answer', { ...states['policy-drop'], ping: 'silent' }],
    [
      'rejected without ping: a rule answers at once',
      'rejected',
      { ...states.rejected, ping: 'not possible' },
    ],
    [
      'rejected: the rule rejects pings too',
      'rejected',
      { ...states.rejected, ping: 'unreachable', pingSaid: 'Packet filtered' },
    ],
    [
      'rejected late: the kernel limits its ICMP errors',
      'rejected',
      { ...states.rejected, ports: [unreachable(22, 1005)], canaries: [silent(9)] },
    ],
    [
      'rejected: only a canary port got an error',
      'rejected',
      { ...states.rejected, ports: [silent(22)], canaries: [unreachable(9, 0.3), silent(25_000)] },
    ],
    ['rejected: one port of many', 'rejected', { ports: [unreachable(22, 0.3)] }],
    ['no-route without ping', 'no-route', { ...states['no-route'], ping: 'not possible' }],
    [
      'no-route: a router has no route',
      'no-route',
      { ...states.rejected, ping: 'unreachable', pingSaid: 'Destination Net Unreachable' },
    ],
    [
      'no-route: only a canary port got an error',
      'no-route',
      { ...states['no-route'], ports: [silent(22, 4000)] },
    ],
    ['no-route by ARP alone', 'no-route', { ...states['no-answer'], neighbour: 'missing' }],
    [
      'no-route by ARP alone, without ping',
      'no-route',
      { ...states['no-answer'], ping: 'not possible', neighbour: 'missing' },
    ],
    [
      'no-route by ping alone',
      'no-route',
      { ...states['no-answer'], ping: 'unreachable', pingSaid: 'Destination Host Unreachable' },
    ],
    [
      'backlog-full: one closed port refuses',
      'backlog-full',
      { ports: [silent(22)], canaries: [refused(9), silent(25_000)] },
    ],
    ['open: the service closed the connection', 'open', { ports: [open(22, 'closed')] }],
    ['closed', 'closed', { ports: [refused(22)] }],
    ['unclear', 'unclear', { ports: [{ port: 22, result: 'failed', ms: 0, code: 'EACCES' }] }],
  ])('%s', (_, expected, target) => {
    expect(
      statesFor(gateway(target))
        .map(([state]) => state)
        .join(', '),
    ).toBe(expected)
  })

  test('each port has its own state', () => {
    const ports = [open(22, 'came'), silent(6443), refused(443), open(25, 'silent'), silent(8080)]
    expect(statesFor(gateway({ ports }))).toEqual([
      ['open', [22]],
      ['backlog-full', [6443, 8080]],
      ['closed', [443]],
      ['starved', [25]],
    ])
  })
})

describe('the listening socket of a port', () => {
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

describe('other observations decide', () => {
  const stateOf = (change: Partial<PortTarget>, ...changes: RunnerChange[]) => {
    const target = gateway(change)
    const runner = runnerWith(dialled([target]), ...changes)
    return target.ports.map((dial) => portState(dial, target, runner)).join()
  }

  test('a rule that drops everything does not drop only TCP', () => {
    expect(
      stateOf({ ...states['tcp-dropped'], datagram: 'unreachable' }, withRules('filter', 'INPUT', '-j DROP')),
    ).toBe('policy-drop')
    expect(stateOf({ ...states['policy-drop'] }, withRules('filter', 'INPUT', '-p tcp -j DROP'))).toBe(
      'tcp-dropped',
    )
  })

  test('of several rules, one that drops everything decides', () => {
    const rules = withRules('filter', 'INPUT', '-p tcp -j DROP', '-j DROP')
    expect(stateOf({ ...states['tcp-dropped'], datagram: 'unreachable' }, rules)).toBe('policy-drop')
  })

  test('a policy that drops', () => {
    const policy: RunnerChange = (runner) => {
      chainIn(runner, 'filter', 'INPUT').policy = 'DROP'
    }
    expect(stateOf({ ...states['tcp-dropped'], datagram: 'unreachable' }, policy)).toBe('policy-drop')
    expect(stateOf(states['tcp-dropped'], policy)).toBe('tcp-dropped')
  })

  test('a rule that drops one port is not a full queue', () => {
    expect(
      stateOf(states['backlog-full'], withRules('filter', 'INPUT', '-p tcp -m tcp --dport 22 -j DROP')),
    ).toBe('tcp-dropped')
    expect(
      stateOf(states['backlog-full'], withRules('filter', 'INPUT', '-p tcp -m tcp --dport 23 -j DROP')),
    ).toBe('backlog-full')
  })

  test.each([
    ['has room, and dropped none', { waiting: 0, limit: 128 }, 0, 'tcp-dropped'],
    ['dropped some', { waiting: 0, limit: 128 }, 3, 'backlog-full'],
    ['is full', { waiting: 129, limit: 128 }, 0, 'backlog-full'],
  ])('a queue that %s', (_, queue, listenDrops, expected) => {
    const target = gateway(states['backlog-full'])
    const listeners = [{ address: '0.0.0.0', port: 22, queue }]
    const runner = runnerWith(dialled([target], { listeners, listenDrops }))
    expect(portState(target.ports[0] as Dial, target, runner)).toBe(expected)
  })

  test('a port with a listener that refuses the connection is rejected by a rule, if one matches', () => {
    const listens: RunnerChange = (runner) => {
      areaIn(runner, 'ports').listeners = [{ address: '0.0.0.0', port: 22 }]
    }
    const rejects = withRules('filter', 'INPUT', '-p tcp -m tcp --dport 22 -j REJECT --reject-with tcp-reset')
    expect(stateOf({ ports: [refused(22)] }, listens, rejects)).toBe('rejected')
    expect(stateOf({ ports: [refused(22)] }, listens)).toBe('closed')
    expect(stateOf({ ports: [refused(22)] }, rejects)).toBe('closed')
  })

  test('no answer or no neighbour at an address that a Docker network covers, but none of its containers has', () => {
    const shadow = withNetworks(
      networkOf('shop_default', 20, { subnets: ['192.0.2.0/24'], gateways: ['192.0.2.1'], endpoints: 0 }),
    )
    for (const change of [states['no-answer'], states['no-route']]) {
      const target = named(change)
      const runner = runnerWith(shadow, without('routes'), dialled([target]))
      expect(portStates(runner).map((ports) => ports.state)).toEqual(['no-answer'])
    }
    for (const state of ['open', 'tcp-dropped', 'rejected', 'backlog-full', 'starved'] as const) {
      const runner = runnerWith(shadow, without('routes', 'rules'), dialled([named(states[state])]))
      expect(portStates(runner).map((ports) => ports.state)).toEqual([state])
    }
  })
})

test('every combination of results has a state that fits it', () => {
  const results = ['open', 'refused', 'timeout', 'unreachable', 'failed'] as const
  const pings = ['answered', 'silent', 'unreachable', 'not possible'] as const
  const datagrams = [undefined, 'refused', 'unreachable', 'silent'] as const
  const fits: Record<string, string[]> = {
    open: ['open', 'starved'],
    refused: ['rejected', 'closed'],
    timeout: ['tcp-dropped', 'rejected', 'backlog-full', 'no-answer', 'no-route', 'policy-drop'],
    unreachable: ['rejected', 'no-route'],
    failed: ['unclear'],
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
          expect(fits[result], JSON.stringify(target)).toContain(found?.state)
          if (ping === 'answered') expect(['no-answer', 'no-route']).not.toContain(found?.state)
        }
})
