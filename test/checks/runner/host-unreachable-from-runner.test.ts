import { expect, test } from 'vitest'
import check from '../../../src/checks/runner/host-unreachable-from-runner.ts'
import { dialled, gateway, named, states, unreachable } from '../../support/dialled.ts'
import { allOf, type QuietRunner, runnerFaultsOf, without } from '../../support/runner-facts.ts'

const plain = without('networks', 'routes')

test('a neighbour that does not answer', () => {
  expect(runnerFaultsOf(check, allOf(plain, dialled([named(states['no-route'])])))).toEqual([
    {
      subject: '192.0.2.30:22',
      severity: 'error',
      message: 'port 22 of 192.0.2.30 (named in listeners) is unreachable',
      because:
        'No neighbour answered for that address in 3.1 s: the host is off, its link is down, or it has another address now.',
      evidence: [
        '192.0.2.30:22 EHOSTUNREACH after 3.1 s',
        'unused ports 9 and 25000 of 192.0.2.30: EHOSTUNREACH after 3.1 s',
        'ping 192.0.2.30: Destination Host Unreachable after 3.1 s; UDP to a closed port: no answer',
        'ruled out: a REJECT rule, this container’s network',
        'ruled out: a firewall rule rejects the connection (a rejection comes at once; the error came after 3.1 s)',
        'ruled out: the whole network of this container is down (other hosts were reached during the inspection)',
      ],
      cause: 'no-route 192.0.2.30 (named in listeners)',
    },
  ])
})

test('a neighbour that is missing only by ARP', () => {
  const [fault] = runnerFaultsOf(
    check,
    allOf(plain, dialled([named({ ...states['no-answer'], neighbour: 'missing' })])),
  )
  expect(fault?.because).toMatch(/^No neighbour answered for that address in 4\.0 s: /)
  expect(fault?.evidence?.[2]).toBe(
    'ping 192.0.2.30: no answer in 4.1 s; UDP to a closed port: no answer; no ARP reply',
  )
})

test('a missing route is reported at once', () => {
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
    because: 'A router on the path, or this machine itself, has no route.',
  })
  expect(fault?.evidence?.[0]).toBe('[fd00::30]:22 ENETUNREACH after 0.1 ms')
  expect(fault?.evidence).toContain(
    'not ruled out: a firewall rule rejects the connection (the error came after 0.1 ms)',
  )
})

test('an address of the host that this container has no route to is a note', () => {
  const target = gateway({
    ...{ name: 'node', address: '192.0.2.20', ping: 'unreachable', pingSaid: 'Network is unreachable' },
    canaries: [unreachable(9, 0.1, 'ENETUNREACH')],
    ports: [unreachable(22, 0.1, 'ENETUNREACH')],
  })
  expect(runnerFaultsOf(check, allOf(plain, dialled([target], { chosen: 'listeners' })))).toMatchObject([
    { severity: 'note' },
  ])
})

test('a missing route is no firewall, where neither ping nor UDP is answered either', () => {
  const target = gateway({
    ...{ name: 'node', address: '192.0.2.20', ping: 'silent', pingMs: 4000, datagram: 'silent' },
    canaries: [unreachable(9, 2.7, 'ENETUNREACH')],
    ports: [unreachable(22, 2.7, 'ENETUNREACH')],
  })
  expect(runnerFaultsOf(check, allOf(plain, dialled([target], { chosen: 'listeners' })))).toMatchObject([
    { severity: 'note', message: expect.stringContaining('is unreachable') },
  ])
})

test('an entry of listeners that could not be dialled', () => {
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
  const [fault] = runnerFaultsOf(check, allOf(plain, dialled([gateway(states['no-route'])], { chosen })))
  expect(fault?.severity).toBe(severity)
})

test.each<QuietRunner>([
  ['a healthy host', () => {}],
  [
    'an inconclusive address that the settings do not name',
    dialled([gateway()], { chosen: 'usual', skipped: [{ what: '10.0.0.1', why: 'every port is open' }] }),
  ],
  ...(['tcp-dropped', 'rejected', 'backlog-full', 'starved', 'no-answer', 'policy-drop'] as const).map(
    (state): QuietRunner => [`state ${state}`, dialled([gateway(states[state])])],
  ),
])('%s: no finding', (_, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})
