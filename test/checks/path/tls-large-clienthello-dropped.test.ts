import { expect, test } from 'vitest'
import check from '../../../src/checks/path/tls-large-clienthello-dropped.ts'
import { faultsOf, type Quiet, registry } from '../../support/facts.ts'
import { endpointOf, holeOf, stalledConnection, withMtu } from '../../support/mtu-facts.ts'

const first = (
  small: 'answered' | 'received',
  large: 'received' | 'lost',
  split: 'answered' | 'received' | 'lost',
) => ({
  firstMessage: { small, large, split },
})

test('an outbound black hole is an error with the number, and the settings to put it in', () => {
  const hole = endpointOf({ outbound: holeOf(1400), ...first('answered', 'lost', 'answered'), probes: 12 })
  expect(faultsOf(check, withMtu(hole))).toMatchObject([
    {
      subject: registry,
      severity: 'error',
      message: 'the path to 192.0.2.10:443 carries packets of up to 1400 bytes, but eth0 has MTU 1500 here',
      evidence: expect.arrayContaining([
        'outbound: packets of 1400 bytes arrive, of 1401 bytes they do not',
        'first message: small answered, of 1612 bytes lost, in two small packets answered',
      ]),
      cause: '1400',
      advice: expect.stringContaining('{"com.docker.network.driver.mtu": "1400"}'),
    },
  ])
})

test.each([
  ['received', 'received'],
  ['lost', 'lost'],
  ['lost', 'received'],
] as const)('a large one that is %s, and %s in two packets: the device or server', (large, split) => {
  const faults = faultsOf(check, withMtu(endpointOf(first('answered', large, split))))
  expect(faults).toMatchObject([
    {
      title: expect.stringMatching(/^Large ClientHello not handled:/),
      message:
        '192.0.2.10:443 answers a small ClientHello, but not one of 1612 bytes, whole or in two small packets',
      cause: registry,
      advice: expect.stringContaining('GODEBUG=tlsmlkem=0'),
    },
  ])
})

const quiet: Quiet[] = [
  ['no path MTU was measured', () => {}],
  ['a healthy path', withMtu(endpointOf())],
  [
    'an inbound black hole, where no message is answered',
    withMtu(endpointOf({ inbound: holeOf(1400), ...first('received', 'received', 'received') })),
  ],
  [
    'an inbound black hole that the kernel knows by now',
    withMtu(
      endpointOf(
        {
          inbound: { state: 'open', mtu: 1400 },
          connection: { ...stalledConnection(), bytesReceived: 3000, advertisedMss: 1348, pmtu: 1400 },
          ...first('answered', 'received', 'received'),
        },
        { stall: stalledConnection() },
      ),
    ),
  ],
  [
    'no connection was left for the large one',
    withMtu(endpointOf({ firstMessage: { small: 'answered', large: 'unsent', split: 'lost' } })),
  ],
  ['a silent server', withMtu(endpointOf(first('received', 'received', 'received')))],
  ['one of two was answered', withMtu(endpointOf(first('answered', 'lost', 'answered')))],
  [
    'a long request in plain HTTP',
    withMtu(endpointOf(first('answered', 'received', 'received'), { protocol: 'http' })),
  ],
]

test.each(quiet)('no finding: %s', (_, change, given) => {
  expect(faultsOf(check, change, given)).toEqual([])
})
