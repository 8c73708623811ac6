import { expect, test } from 'vitest'
import check from '../../../src/checks/runner/listener-backlog-overflow.ts'
import type { ListenerFact, PortsFact } from '../../../src/facts/runner.ts'
import { dialled, gateway, silent, states } from '../../support/dialled.ts'
import { allOf, type QuietRunner, runnerFaultsOf, without, withRules } from '../../support/runner-facts.ts'

const plain = without('rules', 'pressure')
const full: ListenerFact = { address: '0.0.0.0', port: 22, queue: { waiting: 2, limit: 1 } }
const stuck = (change: Partial<PortsFact> = {}) => dialled([gateway(states['backlog-full'])], change)

test('from a plain container: a full queue, or a rule for only this port', () => {
  expect(runnerFaultsOf(check, allOf(plain, stuck()))).toEqual([
    {
      subject: '172.17.0.1:22',
      severity: 'error',
      message:
        "port 22 of 172.17.0.1 (the host, this container's gateway) does not answer, while closed ports refuse at once: its accept queue is full, or a rule drops only this port",
      evidence: [
        '172.17.0.1:22 no answer in 2.0 s',
        'unused ports 9 and 25000 of 172.17.0.1: refused after 0.2 ms',
        'ping 172.17.0.1: answered after 0.1 ms',
        'not ruled out: a full accept queue, a rule for this port; ruled out: a TCP black hole, starvation',
        'not ruled out: the accept queue of a listener is full (queues could not be read from here)',
        'not ruled out: a rule drops only this port (rules could not be read from here)',
        'ruled out: the host drops all TCP connections (port 9 answered after 0.2 ms)',
        'ruled out: host services get too little CPU, I/O or memory (the kernel completes TCP handshakes even for a program that does not run)',
      ],
      cause: "backlog-full 172.17.0.1 (the host, this container's gateway)",
    },
  ])
})

test('where queues and rules were observed, it is certain', () => {
  const [fault] = runnerFaultsOf(check, stuck({ listeners: [full], listenDrops: 19 }))
  expect(fault?.message).toMatch(/while closed ports refuse at once$/)
  expect(fault?.evidence?.[3]).toBe(
    'supported: a full accept queue; ruled out: a rule for this port, a TCP black hole, starvation',
  )
  expect(fault?.evidence).toContain(
    'supported: the accept queue of a listener is full (19 connections dropped at full queues during the inspection; 2 of 1 connections waiting to be accepted)',
  )
})

test.each<[string, Partial<PortsFact>, string]>([
  [
    'dropped connections, whatever it holds now',
    { listeners: [{ ...full, queue: { waiting: 0, limit: 128 } }], listenDrops: 1 },
    'supported',
  ],
  ['is full, although none was dropped yet', { listeners: [full], listenDrops: 0 }, 'supported'],
  ['is full to the last place', { listeners: [{ ...full, queue: { waiting: 1, limit: 1 } }] }, 'supported'],
  ['is unknown, and none was dropped', { listenDrops: 0 }, 'not ruled out'],
  [
    'has room, and drops are unknown',
    { listeners: [{ ...full, queue: { waiting: 0, limit: 128 } }] },
    'not ruled out',
  ],
])('a queue that %s', (_, change, stands) => {
  const [fault] = runnerFaultsOf(check, stuck(change))
  expect(fault?.evidence?.[4]).toMatch(new RegExp(`^${stands}: the accept queue of a listener is full`))
})

test('unread rules do not rule out a rule', () => {
  const [fault] = runnerFaultsOf(
    check,
    allOf(stuck(), (runner) => {
      if (runner.rules.seen) runner.rules.value.unread.push({ backend: 'legacy', why: 'no program' })
    }),
  )
  expect(fault?.evidence).toContain(
    'not ruled out: a rule drops only this port (not every rule could be read)',
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
  [
    'a rule that drops the port',
    allOf(stuck(), withRules('filter', 'INPUT', '-p tcp -m tcp --dport 22 -j DROP')),
  ],
  [
    'a queue with room',
    stuck({ listeners: [{ ...full, queue: { waiting: 0, limit: 128 } }], listenDrops: 0 }),
  ],
  [
    'closed ports that do not answer either',
    dialled([gateway({ ...states['tcp-dropped'], ports: [silent(22)] })]),
  ],
  ...(['tcp-dropped', 'rejected', 'starved', 'no-answer', 'no-route', 'policy-drop'] as const).map(
    (state): QuietRunner => [`state ${state}`, dialled([gateway(states[state])])],
  ),
])('%s: no finding', (_, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})
