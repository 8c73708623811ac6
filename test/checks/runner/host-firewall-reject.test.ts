import { expect, test } from 'vitest'
import check from '../../../src/checks/runner/host-firewall-reject.ts'
import { dialled, gateway, open, refused, silent, states, unreachable } from '../../support/dialled.ts'
import {
  allOf,
  areaIn,
  type QuietRunner,
  runnerFaultsOf,
  without,
  withRules,
} from '../../support/runner-facts.ts'

const plain = without('rules')

test('a rule that rejects says so at once', () => {
  expect(runnerFaultsOf(check, allOf(plain, dialled([gateway(states.B)])))).toEqual([
    {
      subject: '172.17.0.1:22',
      severity: 'error',
      message: "port 22 of 172.17.0.1 (the host, as this container's gateway) is refused by a firewall",
      evidence: [
        '172.17.0.1:22 EHOSTUNREACH after 0.3 ms',
        'ports 9 and 25000 of 172.17.0.1, where nobody listens: EHOSTUNREACH after 0.3 ms',
        'ping 172.17.0.1: answered after 0.1 ms',
        'ruled out: a black hole, routing or a shadowing network',
        'ruled out: connections to the host are dropped (port 9 was answered after 0.3 ms)',
        'ruled out: a link that is down, a route or a container network in the way (ping: answered after 0.1 ms)',
      ],
      cause: "B 172.17.0.1 (the host, as this container's gateway)",
    },
  ])
})

test('where rules were seen, the one that rejects is told', () => {
  const rule = '-p tcp -j REJECT --reject-with icmp-host-prohibited'
  const [fault] = runnerFaultsOf(
    check,
    allOf(dialled([gateway(states.B)]), withRules('filter', 'INPUT', rule)),
  )
  expect(fault?.evidence).toContain(`iptables filter INPUT: ${rule}`)
})

test('a port that a program listens on, and that a rule refuses like a closed one', () => {
  const [fault] = runnerFaultsOf(
    check,
    allOf(
      dialled([gateway({ ports: [refused(22)] })], { listeners: [{ address: '0.0.0.0', port: 22 }] }),
      withRules('filter', 'INPUT', '-p tcp -m tcp --dport 22 -j REJECT --reject-with tcp-reset'),
    ),
  )
  expect(fault?.subject).toBe('172.17.0.1:22')
})

test('of many ports a kernel sends errors for some: they are one finding', () => {
  const ports = [unreachable(22, 0.3), unreachable(443, 1004), silent(6443), silent(8080)]
  const [fault, ...more] = runnerFaultsOf(check, allOf(plain, dialled([gateway({ ...states.B, ports })])))
  expect(more).toEqual([])
  expect(fault?.message).toMatch(/^ports 22, 443, 6443 and 8080 of .* are refused by a firewall$/)
})

test.each([
  ['settings', 'error'],
  ['listeners', 'warning'],
  ['usual', 'note'],
] as const)('ports chosen by %s: %s', (chosen, severity) => {
  const [fault] = runnerFaultsOf(check, dialled([gateway(states.B)], { chosen }))
  expect(fault?.severity).toBe(severity)
  expect(fault?.advice?.startsWith('Name the ports') ?? false).toBe(severity !== 'error')
})

test.each<QuietRunner>([
  ['a healthy host', () => {}],
  [
    'a rule that rejects nothing that was dialled',
    withRules('filter', 'INPUT', '-p tcp -m tcp --dport 23 -j REJECT'),
  ],
  [
    'a closed port',
    allOf(dialled([gateway({ ports: [refused(22), open(443)] })]), (runner) => {
      areaIn(runner, 'ports').listeners = []
    }),
  ],
  ...(['A', 'C', 'D', 'E', 'F', 'G'] as const).map(
    (row): QuietRunner => [`row ${row}`, dialled([gateway(states[row])])],
  ),
])('%s: nothing is said', (_, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})
