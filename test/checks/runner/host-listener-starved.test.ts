import { expect, test } from 'vitest'
import check from '../../../src/checks/runner/host-listener-starved.ts'
import { dialled, gateway, open, states } from '../../support/dialled.ts'
import {
  allOf,
  areaIn,
  type QuietRunner,
  type RunnerChange,
  runnerFaultsOf,
  without,
} from '../../support/runner-facts.ts'

const pressed =
  (cpu: number): RunnerChange =>
  (runner) => {
    areaIn(runner, 'pressure').cpu = cpu
  }
const noGreeting = dialled([gateway(states.starved)])

test('a service without a greeting while tasks wait for the CPU: jobs use it up', () => {
  const [fault, ...more] = runnerFaultsOf(check, allOf(noGreeting, pressed(64)))
  expect(more).toEqual([])
  expect(fault).toMatchObject({
    subject: '172.17.0.1:22',
    severity: 'error',
    message:
      "port 22 of 172.17.0.1 (the host, this container's gateway) is open but sends no greeting, although such a service speaks first",
    because: 'Jobs use up the CPU, I/O or memory that the host services need.',
    advice: expect.stringContaining('WOODPECKER_MAX_WORKFLOWS'),
  })
  expect(fault?.evidence).toEqual([
    '172.17.0.1:22 open after 0.3 ms, no greeting in 3.0 s',
    'unused ports 9 and 25000 of 172.17.0.1: refused after 0.2 ms',
    'ping 172.17.0.1: answered after 0.1 ms',
    'supported: starvation; ruled out: a TCP black hole',
    'supported: host services get too little CPU, I/O or memory (pressure in the last 10 s: CPU 64 %, I/O 1 %, memory 0 %)',
    'ruled out: the host drops all TCP connections (port 9 answered after 0.2 ms)',
  ])
})

test('without pressure the service itself is stuck', () => {
  const [fault] = runnerFaultsOf(check, allOf(noGreeting, pressed(2)))
  expect(fault?.because).toBeUndefined()
  expect(fault?.evidence?.[4]).toMatch(
    /^ruled out: host services .*: the program itself is stuck or stopped\)$/,
  )
})

test('where pressure cannot be read, starvation is not ruled out', () => {
  const [fault] = runnerFaultsOf(check, allOf(noGreeting, without('pressure')))
  expect(fault?.evidence?.[3]).toBe('not ruled out: starvation; ruled out: a TCP black hole')
})

test.each([
  ['usual', 'warning'],
  ['listeners', 'error'],
] as const)('ports chosen by %s: %s', (chosen, severity) => {
  const [fault] = runnerFaultsOf(check, allOf(dialled([gateway(states.starved)], { chosen }), pressed(2)))
  expect(fault?.severity).toBe(severity)
  expect(fault?.advice?.includes('in the setting listeners') ?? false).toBe(severity === 'warning')
})

test.each<QuietRunner>([
  ['a service that sends a greeting', dialled([gateway()])],
  ['a service that closes the connection: it runs', dialled([gateway({ ports: [open(22, 'closed')] })])],
  ['a port whose service does not speak first', dialled([gateway({ ports: [open(443)] })])],
  ['only pressure', pressed(90)],
  ...(['tcp-dropped', 'rejected', 'backlog-full', 'no-answer', 'no-route', 'policy-drop'] as const).map(
    (state): QuietRunner => [`state ${state}`, dialled([gateway(states[state])])],
  ),
])('%s: no finding', (_, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})
