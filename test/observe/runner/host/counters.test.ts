import { describe, expect, test } from 'vitest'
import { observeConntrack } from '../../../../src/observe/runner/host/conntrack.ts'
import {
  hexColumns,
  netstatCounter,
  pressureAverage,
  softnetTotals,
  vmstatCounter,
} from '../../../../src/observe/runner/host/counters.ts'
import { observePressure } from '../../../../src/observe/runner/host/pressure.ts'
import { openWindow } from '../../../../src/observe/runner/host/window.ts'
import { type FakeMachine, fakeHostAccess } from '../../../support/fake-host-access.ts'
import { recorded } from './recorded.ts'

/** A file with other contents at each reading. */
const inTurn = (...texts: string[]) => {
  let at = 0
  return () => texts[Math.min(at++, texts.length - 1)] ?? ''
}

describe('counters', () => {
  test('of TCP, by name', () => {
    expect(netstatCounter(recorded('netstat'), 'TcpExt', 'ListenOverflows')).toBe(0)
    expect(netstatCounter('TcpExt: A B\nTcpExt: 1 22\nIpExt: B\nIpExt: 3\n', 'TcpExt', 'B')).toBe(22)
    expect(netstatCounter(recorded('netstat'), 'TcpExt', 'NoSuchName')).toBeUndefined()
    expect(netstatCounter('', 'TcpExt', 'A')).toBeUndefined()
  })
  test('of /proc/vmstat', () => {
    expect(vmstatCounter('pgfault 1\noom_kill 7\noom_kill_x 8\n', 'oom_kill')).toBe(7)
    expect(vmstatCounter('pgfault 1\n', 'oom_kill')).toBeUndefined()
  })
  test('of softnet, over all CPUs', () => {
    const cpu = (dropped: string, squeezed: string) => `00304712 ${dropped} ${squeezed} 00000000 00000000\n`
    expect(softnetTotals(cpu('0000000a', '00000009') + cpu('00000001', '00000012'))).toEqual({
      dropped: 11,
      squeezed: 27,
    })
    expect(softnetTotals('')).toBeUndefined()
    expect(softnetTotals('00304712 x 00000009')).toBeUndefined()
  })
  test('of connection tracking, by column name', () => {
    expect(hexColumns(recorded('nf_conntrack'), ['entries', 'drop'])?.entries).toHaveLength(2)
    expect(
      hexColumns('entries  drop\n0000001f  00000002\n0000001f  00000003\n', ['drop', 'entries']),
    ).toEqual({
      drop: [2, 3],
      entries: [31, 31],
    })
    expect(hexColumns('entries drop\n', ['drop'])).toBeUndefined()
    expect(hexColumns('entries drop\n1\n', ['drop'])).toBeUndefined()
  })
  test('of pressure', () => {
    expect(
      pressureAverage('some avg10=3.86 avg60=14.11 avg300=16.62 total=3555387284\nfull avg10=9.00 avg60=0\n'),
    ).toBe(3.86)
    expect(pressureAverage('')).toBeUndefined()
  })
})

describe('connection tracking', () => {
  const head =
    'entries  clashres found new invalid ignore delete chainlength insert insert_failed drop early_drop\n'
  const row = (entries: string, drop: string, early: string) =>
    `${entries}  00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000005 ${drop} ${early}\n`
  const max = { '/proc/sys/net/netfilter/nf_conntrack_max': '262144\n' }
  const observe = (machine: FakeMachine, network?: { procNet: string; isOwn: boolean }) => {
    const access = fakeHostAccess(machine)
    return observeConntrack(access, network, openWindow(access, 0))
  }
  const own = { procNet: '/proc/net', isOwn: true }
  const count = { '/proc/sys/net/netfilter/nf_conntrack_count': '1758\n' }

  test('not from a plain container, whose own count would be set against the global maximum', async () => {
    expect(
      await observe({ files: { ...max, '/proc/sys/net/netfilter/nf_conntrack_count': '0\n' } }),
    ).toMatchObject({
      seen: false,
      applies: true,
    })
  })
  test('in the host’s namespace, with the connections dropped during the window', async () => {
    const before = head + row('000006de', '00000002', '00000001')
    const after = head + row('000006de', '00000004', '00000002')
    const files = { ...max, ...count, '/proc/net/stat/nf_conntrack': inTurn(before, after) }
    expect(await observe({ files }, own)).toMatchObject({
      seen: true,
      value: { count: 1758, max: 262_144, drops: 3 },
    })
  })
  test('without statistics, dropped connections are unknown', async () => {
    const area = await observe({ files: { ...max, ...count } }, own)
    expect(area.seen && area.value).toEqual({ count: 1758, max: 262_144 })
  })
  test('through /proc/1/net, the count comes from the statistics: nf_conntrack_count would be the reader’s own', async () => {
    const statistics =
      head + row('00000100', '00000000', '00000000') + row('00000100', '00000000', '00000000')
    const files = {
      ...{ ...max, '/proc/sys/net/netfilter/nf_conntrack_count': '3\n' },
      '/proc/1/net/stat/nf_conntrack': statistics,
    }
    expect(await observe({ files }, { procNet: '/proc/1/net', isOwn: false })).toMatchObject({
      seen: true,
      value: { count: 256 },
    })
  })
  test('a kernel without connection tracking: not applicable', async () => {
    expect(await observe({}, own)).toMatchObject({ seen: false, applies: false, remedies: [] })
  })
})

describe('pressure', () => {
  const softnet = (dropped: string) => `00304712 ${dropped} 00000009\n`
  test('the growth of counters during the window, and PSI averages where they exist', async () => {
    const files = {
      '/proc/vmstat': inTurn('oom_kill 2\n', 'oom_kill 5\n'),
      '/proc/net/softnet_stat': inTurn(softnet('0000000a'), softnet('0000000d')),
      '/proc/pressure/cpu': 'some avg10=91.50 avg60=0.00 avg300=0.00 total=0\n',
    }
    const area = await observePressure(fakeHostAccess({ files }), 0)
    expect(area.seen && area.value).toEqual({ cpu: 91.5, oomKills: 3, softnetDropped: 3, softnetSqueezed: 0 })
  })
  test('not seen where /proc cannot be read', async () => {
    expect(await observePressure(fakeHostAccess({}), 0)).toMatchObject({ seen: false })
  })
})
