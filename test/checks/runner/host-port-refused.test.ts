import { expect, test } from 'vitest'
import check from '../../../src/checks/runner/host-port-refused.ts'
import { dialled, gateway, named, open, refused, states } from '../../support/dialled.ts'
import { type QuietRunner, runnerFaultsOf } from '../../support/runner-facts.ts'

test('a named port without a listener', () => {
  const target = named({ host: 'node.example.com', ports: [refused(22), open(443), refused(6443)] })
  expect(runnerFaultsOf(check, dialled([target]))).toEqual([
    {
      subject: '192.0.2.30',
      severity: 'error',
      message: 'ports 22 and 6443 of 192.0.2.30 (node.example.com) refuse the connection',
      evidence: [
        '192.0.2.30:22 refused after 0.2 ms',
        'unused ports 9 and 25000 of 192.0.2.30: refused after 0.2 ms',
        'ping 192.0.2.30: answered after 0.1 ms',
        '192.0.2.30:6443 refused after 0.2 ms',
        '192.0.2.30:443 open after 0.3 ms',
      ],
      cause: 'closed 192.0.2.30 (node.example.com)',
    },
  ])
})

test('with a listener, the cause is a rule or the interface that the socket is bound to', () => {
  const listeners = [{ address: '0.0.0.0', port: 22 }]
  const [fault] = runnerFaultsOf(check, dialled([gateway({ ports: [refused(22)] })], { listeners }))
  expect(fault?.because).toBe(
    'A program listens on port 22: a rule rejects the connection, or the socket is bound to another interface.',
  )
  expect(fault?.advice).toContain('REJECT')
})

test.each<QuietRunner>([
  ['a healthy host', () => {}],
  ['closed usual ports', dialled([gateway({ ports: [refused(22)] })], { chosen: 'usual' })],
  [
    'ports of listeners that may be bound to an interface',
    dialled([gateway({ ports: [refused(22)] })], { chosen: 'listeners' }),
  ],
  ...(
    [
      'open',
      'tcp-dropped',
      'rejected',
      'backlog-full',
      'starved',
      'no-answer',
      'no-route',
      'policy-drop',
    ] as const
  ).map((state): QuietRunner => [`state ${state}`, dialled([gateway(states[state])])]),
])('%s: no finding', (_, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})
