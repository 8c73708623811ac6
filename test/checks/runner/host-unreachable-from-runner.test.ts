import { expect, test } from 'vitest'
import check from '../../../src/checks/runner/host-unreachable-from-runner.ts'
import { dialled, gateway, named, states, unreachable } from '../../support/dialled.ts'
import { allOf, type QuietRunner, runnerFaultsOf, without } from '../../support/runner-facts.ts'

const plain = without('networks', 'routes')

test('a neighbour that does not answer', () => {
  expect(runnerFaultsOf(check, allOf(plain, dialled([named(states.F)])))).toEqual([
    {
      subject: '192.0.2.30:22',
      severity: 'error',
      message: 'no way to port 22 of 192.0.2.30 (named in listeners)',
      because:
        "Nobody answered for that address in 3.1 s: the machine is off, its link is down, or the address is another's now.",
      evidence: [
        '192.0.2.30:22 EHOSTUNREACH after 3.1 s',
        'ports 9 and 25000 of 192.0.2.30, where nobody listens: EHOSTUNREACH after 3.1 s',
        'ping 192.0.2.30: Destination Host Unreachable after 3.1 s; UDP to a closed port: no answer',
        'ruled out: a rejecting rule, this container’s network',
        'ruled out: a rule that rejects (it would answer at once; the error came after 3.1 s)',
        'ruled out: the whole network of this container is dead (hosts beyond this one were reached meanwhile)',
      ],
      cause: 'F 192.0.2.30 (named in listeners)',
    },
  ])
})

test('a neighbour that only ARP knows to be missing', () => {
  const [fault] = runnerFaultsOf(check, allOf(plain, dialled([named({ ...states.E, neighbour: 'missing' })])))
  expect(fault?.because).toMatch(/^Nobody answered for that address in 4\.0 s: /)
  expect(fault?.evidence?.[2]).toBe(
    'ping 192.0.2.30: no answer in 4.1 s; UDP to a closed port: no answer; nobody answers ARP for it',
  )
})

test('no route is said at once', () => {
  const target = named({
    address: 'fd00::30',
    ping: 'unreachable',
    pingSaid: 'Network is unreachable',
    canaries: [unreachable(9, 0.1, 'ENETUNREACH')],
    ports: [unreachable(22, 0.1, 'ENETUNREACH')],
  })
  const [fault] = runnerFaultsOf(check, allOf(plain, dialled([target])))
  expect(fault).toMatchObject({
    subject: '[fd00::30]:22',
    because: 'A router on the way, or this machine itself, has no route.',
  })
  expect(fault?.evidence?.[0]).toBe('[fd00::30]:22 ENETUNREACH after 0.1 ms')
  expect(fault?.evidence).toContain('not ruled out: a rule that rejects (the error came after 0.1 ms)')
})

test('what the setting names and could not be dialled', () => {
  const skipped = [{ what: 'nowhere:22', why: 'its name cannot be resolved from here (ENOTFOUND)' }]
  expect(runnerFaultsOf(check, dialled([gateway()], { skipped }))).toEqual([
    {
      subject: 'nowhere:22',
      severity: 'error',
      message: 'not dialled: its name cannot be resolved from here (ENOTFOUND)',
      advice: expect.stringContaining('the setting listeners'),
    },
  ])
})

test.each([
  ['usual', 'warning'],
  ['listeners', 'error'],
] as const)('ports chosen by %s: %s', (chosen, severity) => {
  const [fault] = runnerFaultsOf(check, allOf(plain, dialled([gateway(states.F)], { chosen })))
  expect(fault?.severity).toBe(severity)
})

test.each<QuietRunner>([
  ['a healthy host', () => {}],
  [
    'an address that proves nothing, and that nobody named',
    dialled([gateway()], { chosen: 'usual', skipped: [{ what: '10.0.0.1', why: 'every port is open' }] }),
  ],
  ...(['A', 'B', 'C', 'D', 'E', 'G'] as const).map(
    (row): QuietRunner => [`row ${row}`, dialled([gateway(states[row])])],
  ),
])('%s: nothing is said', (_, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})
