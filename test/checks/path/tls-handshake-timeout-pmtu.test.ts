import { expect, test } from 'vitest'
import check from '../../../src/checks/path/tls-handshake-timeout-pmtu.ts'
import { faultsOf, type Quiet, registry } from '../../support/facts.ts'
import { connectionOf, endpointOf, holeOf, stalledConnection, withMtu } from '../../support/mtu-facts.ts'

test('an inbound black hole is an error with the number, and the settings to put it in', () => {
  const hole = endpointOf({
    inbound: holeOf(1400),
    firstMessage: { small: 'received', large: 'received', split: 'received' },
    connection: stalledConnection(),
    probes: 16,
  })
  expect(faultsOf(check, withMtu(hole))).toEqual([
    {
      subject: registry,
      severity: 'error',
      message: 'the path from 192.0.2.10:443 carries packets of up to 1400 bytes, but eth0 has MTU 1500 here',
      because:
        'The server is not told (ICMP “fragmentation needed” is lost), so it repeats packets that are too large.',
      evidence: [
        'inbound: packets of 1400 bytes arrive, of 1401 bytes they do not',
        'outbound: packets of 1500 bytes arrive, no loss by size',
        'first message: small acknowledged but not answered, of 1612 bytes acknowledged but not answered, in two small packets acknowledged but not answered',
        '16 connections; the first: 383 bytes acknowledged, 0 received, 1 segment in, 1 of them after a gap, MSS 1448, PMTU 1500',
      ],
      cause: '1400',
      advice:
        'In /etc/docker/daemon.json set “"mtu": 1400” (docker0) and “"default-network-opts": {"bridge": {"com.docker.network.driver.mtu": "1400"}}” (new networks, as of CI jobs; Docker 24+), restart Docker. On a host: ip link set eth0 mtu 1400. Or on the router, TCP only: iptables -t mangle -A FORWARD -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu',
    },
  ])
})

test('a stall with a gap is the same where the kernel has learned the MTU since', () => {
  const learned = endpointOf(
    { inbound: { state: 'open', mtu: 1400 }, connection: connectionOf({ advertisedMss: 1348, pmtu: 1400 }) },
    { stall: stalledConnection() },
  )
  expect(faultsOf(check, withMtu(learned))).toMatchObject([
    {
      subject: registry,
      severity: 'error',
      message: 'the path from 192.0.2.10:443 carries packets of up to 1400 bytes, but eth0 has MTU 1500 here',
      because:
        'A handshake stalled after a gap in what the server sent; the kernel has learned the MTU 1400 since, which hides the fault for 10 minutes.',
      evidence: expect.arrayContaining([
        'inbound: larger packets than the 1400 bytes that the kernel has learned are not sent any more',
      ]),
      cause: '1400',
    },
  ])
})

test('the advice is short enough for a terminal', () => {
  const [fault] = faultsOf(check, withMtu(endpointOf({ inbound: holeOf(1400) })))
  expect(fault?.advice?.length).toBeLessThanOrEqual(400)
})

test('addresses with the same path MTU have one cause', () => {
  const hole = { inbound: holeOf(1420) }
  const other = endpointOf(hole, { host: 'quay.io', address: '2001:db8::7', port: 8443 })
  const faults = faultsOf(check, withMtu(endpointOf(hole), other))
  expect(faults.map(({ subject, cause }) => [subject, cause])).toEqual([
    [registry, '1420'],
    ['quay.io', '1420'],
  ])
  expect(faults[1]?.message).toContain('the path from [2001:db8::7]:8443 carries')
})

const quiet: Quiet[] = [
  ['no path MTU was measured', () => {}],
  ['a healthy path', withMtu(endpointOf())],
  [
    'a path with a smaller MTU that both sides learn',
    withMtu(endpointOf({ inbound: { state: 'open', mtu: 1400 }, outbound: { state: 'open', mtu: 1400 } })),
  ],
  ['only the outbound direction', withMtu(endpointOf({ outbound: holeOf(1400) }))],
  [
    'a stall without a gap: the server was silent',
    withMtu(
      endpointOf(
        { connection: connectionOf({ advertisedMss: 1348, pmtu: 1400 }) },
        { stall: connectionOf({ bytesReceived: 0, segmentsIn: 0 }) },
      ),
    ),
  ],
  ['a stall with a gap, and no MTU was learned', withMtu(endpointOf({}, { stall: stalledConnection() }))],
  [
    'loss that does not depend on size',
    withMtu(endpointOf({ inbound: { state: 'unknown', why: 'packets of one size arrive only sometimes' } })),
  ],
  [
    'socat is missing',
    withMtu({
      ...endpointOf(),
      measured: { seen: false, why: 'socat is not installed', remedies: ['tools'], applies: true },
    }),
  ],
]

test.each(quiet)('no finding: %s', (_, change, given) => {
  expect(faultsOf(check, change, given)).toEqual([])
})
