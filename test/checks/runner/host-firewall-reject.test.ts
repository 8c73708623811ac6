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

test('a rule that rejects answers at once', () => {
  expect(runnerFaultsOf(check, allOf(plain, dialled([gateway(states.rejected)])))).toEqual([
    {
      subject: '172.17.0.1:22',
      severity: 'error',
      message: "port 22 of 172.17.0.1 (the host, this container's gateway) is rejected by a firewall",
      evidence: [
        '172.17.0.1:22 EHOSTUNREACH after 0.3 ms',
        'unused ports 9 and 25000 of 172.17.0.1: EHOSTUNREACH after 0.3 ms',
        'ping 172.17.0.1: answered after 0.1 ms',
        'ruled out: a TCP black hole, routing or an overlapping network',
        'ruled out: the host drops all TCP connections (port 9 answered after 0.3 ms)',
        'ruled out: a link is down, or a route or a container network diverts the packets (ping: answered after 0.1 ms)',
      ],
      cause: "rejected 172.17.0.1 (the host, this container's gateway)",
    },
  ])
})

test('where rules were observed, the one that rejects is quoted', () => {
  const rule = '-p tcp -j REJECT --reject-with icmp-host-prohibited'
  const [fault] = runnerFaultsOf(
    check,
    allOf(dialled([gateway(states.rejected)]), withRules('filter', 'INPUT', rule)),
  )
  expect(fault?.evidence).toContain(`iptables filter INPUT: ${rule}`)
})

test('a port with a listener that a rule refuses like a closed port', () => {
  const [fault] = runnerFaultsOf(
    check,
    allOf(
      dialled([gateway({ ports: [refused(22)] })], { listeners: [{ address: '0.0.0.0', port: 22 }] }),
      withRules('filter', 'INPUT', '-p tcp -m tcp --dport 22 -j REJECT --reject-with tcp-reset'),
    ),
  )
  expect(fault?.subject).toBe('172.17.0.1:22')
})

test('the kernel sends errors only for some of many ports: they are one finding', () => {
  const ports = [unreachable(22, 0.3), unreachable(443, 1004), silent(6443), silent(8080)]
  const [fault, ...more] = runnerFaultsOf(
    check,
    allOf(plain, dialled([gateway({ ...states.rejected, ports })])),
  )
  expect(more).toEqual([])
  expect(fault?.message).toMatch(/^ports 22, 443, 6443 and 8080 of .* are rejected by a firewall$/)
})

test.each([
  ['settings', 'error'],
  ['listeners', 'warning'],
  ['usual', 'note'],
] as const)('ports chosen by %s: %s', (chosen, severity) => {
  const [fault] = runnerFaultsOf(check, dialled([gateway(states.rejected)], { chosen }))
  expect(fault?.severity).toBe(severity)
  expect(fault?.advice?.startsWith('Name the ports') ?? false).toBe(severity !== 'error')
})

test.each<QuietRunner>([
  ['a healthy host', () => {}],
  ['a rule that rejects no dialled port', withRules('filter', 'INPUT', '-p tcp -m tcp --dport 23 -j REJECT')],
  [
    'a closed port',
    allOf(dialled([gateway({ ports: [refused(22), open(443)] })]), (runner) => {
      areaIn(runner, 'ports').listeners = []
    }),
  ],
  ...(['tcp-dropped', 'backlog-full', 'starved', 'no-answer', 'no-route', 'policy-drop'] as const).map(
    (state): QuietRunner => [`state ${state}`, dialled([gateway(states[state])])],
  ),
])('%s: no finding', (_, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})
