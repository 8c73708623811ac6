import { expect, test } from 'vitest'
import { parseTcpInfo } from '../../../../src/observe/path/mtu/tcp-info.ts'

// Recorded with iproute2 6.1 on Linux 6.18, as `ss -tinH` printed it during a stalled TLS handshake.
const stalled = `ESTAB 0      0      10.9.0.1:56934 10.9.2.2:443
\t bbr wscale:10,10 rto:204 rtt:0.11/0.055 mss:1448 pmtu:1500 rcvmss:536 advmss:1448 cwnd:10 bytes_sent:382 bytes_acked:383 segs_out:3 segs_in:3 data_segs_out:1 data_segs_in:1 bbr:(bw:0bps,mrtt:0.11,pacing_gain:1,cwnd_gain:1) send 718545455bps lastsnd:1990 delivered:2 app_limited rcv_space:14480 rcv_ssthresh:64088 minrtt:0.11 rcv_ooopack:1 snd_wnd:65160
`

test('a stalled handshake: what was acknowledged, and what came out of order', () => {
  expect(parseTcpInfo(stalled, 40)).toEqual({
    bytesAcked: 383,
    bytesReceived: 0,
    segmentsIn: 1,
    outOfOrder: 1,
    mss: 1448,
    largestIn: 536,
    advertisedMss: 1448,
    pmtu: 1500,
    optionBytes: 12,
  })
})

test.each([
  ['ss names the option', ' ts sack cubic mss:1388 pmtu:1500 advmss:1388', 40, 12],
  ['the MSS lacks 12 bytes of the MTU over IPv6', ' cubic mss:1428 pmtu:1500 advmss:1428', 60, 12],
  ['a server without timestamps', ' cubic mss:1460 pmtu:1500 advmss:1460', 40, 0],
  ['a route with an MSS of its own', ' cubic mss:1300 pmtu:1500 advmss:1300', 40, 0],
])('bytes of TCP options: %s', (_, text, headers, bytes) => {
  expect(parseTcpInfo(text, headers)?.optionBytes).toBe(bytes)
})

test('no connection, and one that is closing, have no information', () => {
  expect(parseTcpInfo('', 40)).toBeUndefined()
  expect(parseTcpInfo('LAST-ACK 0 1 10.9.0.1:56934 10.9.2.2:443\n', 40)).toBeUndefined()
})
