import { expect, test } from 'vitest'
import check from '../../../src/checks/runner/listener-backlog-overflow.ts'
import type { ListenerFact, PortsFact } from '../../../src/facts/runner.ts'
import { dialled, gateway, silent, states } from '../../support/dialled.ts'
import { allOf, type QuietRunner, runnerFaultsOf, without, withRules } from '../../support/runner-facts.ts'

const plain = without('rules', 'pressure')
const full: ListenerFact = { address: '0.0.0.0', port: 22, queue: { waiting: 2, limit: 1 } }
const stuck = (change: Partial<PortsFact> = {}) => dialled([gateway(states.C)], change)

test('from a plain container: a full queue, or a rule for this port alone', () => {
  expect(runnerFaultsOf(check, allOf(plain, stuck()))).toEqual([
    {
      subject: '172.17.0.1:22',
      severity: 'error',
      message:
        "port 22 of 172.17.0.1 (the host, as this container's gateway) gives no answer, while closed ports refuse at once: its queue is full, or a rule drops this port alone",
      evidence: [
        '172.17.0.1:22 no answer in 2.0 s',
        'ports 9 and 25000 of 172.17.0.1, where nobody listens: refused after 0.2 ms',
        'ping 172.17.0.1: answered after 0.1 ms',
        'not ruled out: a full queue, a rule for this port; ruled out: a black hole, starvation',
        'not ruled out: the queue of a listener is full (queues could not be read from here)',
        'not ruled out: a rule drops this port alone (rules could not be read from here)',
        'ruled out: connections to the host are dropped (port 9 was answered after 0.2 ms)',
        'ruled out: programs of the host get too little CPU, disk or memory (a kernel completes TCP handshakes for programs that do not run)',
      ],
      cause: "C 172.17.0.1 (the host, as this container's gateway)",
    },
  ])
})

test('where queues and rules were seen, it is certain', () => {
  const [fault] = runnerFaultsOf(check, stuck({ listeners: [full], listenDrops: 19 }))
  expect(fault?.message).toMatch(/while closed ports refuse at once$/)
  expect(fault?.evidence?.[3]).toBe(
    'supported: a full queue; ruled out: a rule for this port, a black hole, starvation',
  )
  expect(fault?.evidence).toContain(
    'supported: the queue of a listener is full (19 connections dropped at full queues while we looked; 2 of 1 waiting to be accepted)',
  )
})

test.each<[string, Partial<PortsFact>, string]>([
  [
    'dropped some, whatever is in it now',
    { listeners: [{ ...full, queue: { waiting: 0, limit: 128 } }], listenDrops: 1 },
    'supported',
  ],
  ['is full, though none was dropped yet', { listeners: [full], listenDrops: 0 }, 'supported'],
  ['is full to the last place', { listeners: [{ ...full, queue: { waiting: 1, limit: 1 } }] }, 'supported'],
  ['cannot be seen, and none was dropped', { listenDrops: 0 }, 'not ruled out'],
  [
    'has room, and nobody counted',
    { listeners: [{ ...full, queue: { waiting: 0, limit: 128 } }] },
    'not ruled out',
  ],
])('a queue that %s', (_, change, stands) => {
  const [fault] = runnerFaultsOf(check, stuck(change))
  expect(fault?.evidence?.[4]).toMatch(new RegExp(`^${stands}: the queue of a listener is full`))
})

test('rules that could not all be read leave a rule possible', () => {
  const [fault] = runnerFaultsOf(
    check,
    allOf(stuck(), (runner) => {
      if (runner.rules.seen) runner.rules.value.unread.push({ backend: 'legacy', why: 'no program' })
    }),
  )
  expect(fault?.evidence).toContain(
    'not ruled out: a rule drops this port alone (not every rule could be read)',
  )
})

test.each([
  ['usual', {}, 'warning'],
  ['usual', { listenDrops: 5 }, 'warning'],
  ['listeners', {}, 'warning'],
  ['listeners', { listenDrops: 5 }, 'error'],
  ['settings', {}, 'error'],
] as const)('ports chosen by %s, %o: %s', (chosen, counted, severity) => {
  const [fault] = runnerFaultsOf(check, stuck({ chosen, ...counted }))
  expect(fault?.severity).toBe(severity)
  expect(fault?.advice?.startsWith('Name the ports') ?? false).toBe(severity === 'warning')
})

test.each<QuietRunner>([
  ['a healthy host', () => {}],
  ['a rule drops the port', allOf(stuck(), withRules('filter', 'INPUT', '-p tcp -m tcp --dport 22 -j DROP'))],
  [
    'the queue has room',
    stuck({ listeners: [{ ...full, queue: { waiting: 0, limit: 128 } }], listenDrops: 0 }),
  ],
  ['closed ports are silent as well', dialled([gateway({ ...states.A, ports: [silent(22)] })])],
  ...(['A', 'B', 'D', 'E', 'F', 'G'] as const).map(
    (row): QuietRunner => [`row ${row}`, dialled([gateway(states[row])])],
  ),
])('%s: nothing is said', (_, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})
