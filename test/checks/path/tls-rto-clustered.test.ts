import { expect, test } from 'vitest'
import check from '../../../src/checks/path/tls-rto-clustered.ts'
import { type Change, faultsOf, type Quiet } from '../../support/facts.ts'
import { answeredAttempt, endpointLeg } from '../../support/legs.ts'

/** An endpoint whose connections took these times. */
const withTimes =
  (tls: number[], connect: number[] = tls.map(() => 5)): Change =>
  (facts) => {
    const attempts = tls.map((ms, at) => ({
      ...answeredAttempt(),
      phases: { connect: connect[at] ?? 5, tls: ms, headers: 10 },
    }))
    facts.path.legs = [endpointLeg('quay.io', { '192.0.2.7': attempts })]
  }

test('handshakes that are late by retransmission timeouts are a warning with the times', () => {
  expect(faultsOf(check, withTimes([20, 21, 22, 20, 19, 226, 227, 640, 1455, 23]))).toEqual([
    {
      subject: 'quay.io',
      severity: 'warning',
      message: 'of 10 connections, TLS is late by 0.2 s (2 times), 0.6 s (once), 1.4 s (once)',
      because:
        'A lost SYN is repeated after 1, 3 and 7 s, lost data after 0.2, 0.6, 1.4 and 3 s and the round trip time.',
      evidence: ['TLS late by, in ms: 206, 207, 620, 1435'],
      cause: 'loss',
    },
  ])
})

test('losses of SYN and of data count together', () => {
  const connect = [5, 5, 1010, 5, 1008, 5, 5, 5]
  const [fault] = faultsOf(check, withTimes([20, 20, 20, 20, 20, 20, 20, 226], connect))
  expect(fault?.message).toBe('of 8 connections, TCP is late by 1.0 s (2 times), TLS is late by 0.2 s (once)')
})

test('the timeout of data grows with the round trip time', () => {
  const connect = Array.from({ length: 8 }, () => 150)
  // 150 ms and twice that.
  expect(faultsOf(check, withTimes([300, 300, 302, 750, 755, 300, 300, 1650], connect))).toHaveLength(1)
  expect(faultsOf(check, withTimes([300, 300, 302, 510, 515, 300, 300, 900], connect))).toEqual([])
})

const quiet: Quiet[] = [
  ['no leg was probed', () => {}],
  ['every handshake takes as long', withTimes([20, 21, 22, 20, 19, 23, 24, 20])],
  ['a busy server, late by any time', withTimes([20, 21, 22, 20, 330, 480, 900, 2300, 20])],
  ['one is late', withTimes([20, 21, 22, 20, 19, 226, 20, 20])],
  [
    'a busy machine: late by a little less than a timeout',
    withTimes([20, 21, 22, 20, 19, 180, 190, 185, 20, 205]),
  ],
  ['few connections', withTimes([20, 226, 227, 640, 20])],
]

test.each(quiet)('no finding: %s', (_, change, given) => {
  expect(faultsOf(check, change, given)).toEqual([])
})
