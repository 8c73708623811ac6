import { expect, test } from 'vitest'
import check from '../../../src/checks/runner/host-port-refused.ts'
import { dialled, gateway, named, open, refused, states } from '../../support/dialled.ts'
import { type QuietRunner, runnerFaultsOf } from '../../support/runner-facts.ts'

test('a named port that nobody listens on', () => {
  const target = named({ host: 'node.example.com', ports: [refused(22), open(443), refused(6443)] })
  expect(runnerFaultsOf(check, dialled([target]))).toEqual([
    {
      subject: '192.0.2.30',
      severity: 'error',
      message: 'ports 22 and 6443 of 192.0.2.30 (node.example.com) refuse the connection',
      evidence: [
        '192.0.2.30:22 refused after 0.2 ms',
        'ports 9 and 25000 of 192.0.2.30, where nobody listens: refused after 0.2 ms',
        'ping 192.0.2.30: answered after 0.1 ms',
        '192.0.2.30:6443 refused after 0.2 ms',
        '192.0.2.30:443 open after 0.3 ms',
      ],
      cause: 'closed 192.0.2.30 (node.example.com)',
    },
  ])
})

test('where a program does listen, a rule or a device is in the way', () => {
  const listeners = [{ address: '0.0.0.0', port: 22 }]
  const [fault] = runnerFaultsOf(check, dialled([gateway({ ports: [refused(22)] })], { listeners }))
  expect(fault?.because).toBe(
    'A program listens on 22: a rule refuses it here, or it is bound to another device.',
  )
  expect(fault?.advice).toContain('REJECT')
})

test.each<QuietRunner>([
  ['a healthy host', () => {}],
  ['usual ports may be closed', dialled([gateway({ ports: [refused(22)] })], { chosen: 'usual' })],
  [
    'and those that were read may be bound to a device',
    dialled([gateway({ ports: [refused(22)] })], { chosen: 'listeners' }),
  ],
  ...(['0', 'A', 'B', 'C', 'D', 'E', 'F', 'G'] as const).map(
    (row): QuietRunner => [`row ${row}`, dialled([gateway(states[row])])],
  ),
])('%s: nothing is said', (_, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})
