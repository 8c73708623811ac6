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
const mute = dialled([gateway(states.D)])

test('a service that says nothing while tasks wait for the CPU: jobs take it', () => {
  const [fault, ...more] = runnerFaultsOf(check, allOf(mute, pressed(64)))
  expect(more).toEqual([])
  expect(fault).toMatchObject({
    subject: '172.17.0.1:22',
    severity: 'error',
    message:
      "port 22 of 172.17.0.1 (the host, as this container's gateway) is open, and no greeting comes, though such a service speaks first",
    because: 'Jobs take what the services of the host need.',
    advice: expect.stringContaining('WOODPECKER_MAX_WORKFLOWS'),
  })
  expect(fault?.evidence).toEqual([
    '172.17.0.1:22 open after 0.3 ms, no greeting in 3.0 s',
    'ports 9 and 25000 of 172.17.0.1, where nobody listens: refused after 0.2 ms',
    'ping 172.17.0.1: answered after 0.1 ms',
    'supported: starvation; ruled out: a black hole',
    'supported: programs of the host get too little CPU, disk or memory (waiting in the last 10 s: CPU 64 %, disk 1 %, memory 0 %)',
    'ruled out: connections to the host are dropped (port 9 was answered after 0.2 ms)',
  ])
})

test('without pressure the service itself is stuck', () => {
  const [fault] = runnerFaultsOf(check, allOf(mute, pressed(2)))
  expect(fault?.because).toBeUndefined()
  expect(fault?.evidence?.[4]).toMatch(/^ruled out: programs .*: the program itself is stuck or stopped\)$/)
})

test('where pressure cannot be read, both may be', () => {
  const [fault] = runnerFaultsOf(check, allOf(mute, without('pressure')))
  expect(fault?.evidence?.[3]).toBe('not ruled out: starvation; ruled out: a black hole')
})

test.each([
  ['usual', 'warning'],
  ['listeners', 'error'],
] as const)('ports chosen by %s: %s', (chosen, severity) => {
  const [fault] = runnerFaultsOf(check, allOf(dialled([gateway(states.D)], { chosen }), pressed(2)))
  expect(fault?.severity).toBe(severity)
  expect(fault?.advice?.includes('in the setting listeners') ?? false).toBe(severity === 'warning')
})

test.each<QuietRunner>([
  ['a greeting came', dialled([gateway()])],
  ['a service hung up: it runs', dialled([gateway({ ports: [open(22, 'closed')] })])],
  ['a port whose service need not speak first', dialled([gateway({ ports: [open(443)] })])],
  ['pressure alone', pressed(90)],
  ...(['A', 'B', 'C', 'E', 'F', 'G'] as const).map(
    (row): QuietRunner => [`row ${row}`, dialled([gateway(states[row])])],
  ),
])('%s: nothing is said', (_, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})
