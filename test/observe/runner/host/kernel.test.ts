import { describe, expect, test } from 'vitest'
import { portChanges } from '../../../../src/observe/runner/host/bridge-ports.ts'
import { observeKernel } from '../../../../src/observe/runner/host/kernel.ts'
import { parseKernelLog } from '../../../../src/observe/runner/host/kernel-records.ts'
import { fakeHostAccess } from '../../../support/fake-host-access.ts'
import { recorded } from './recorded.ts'

const now = Date.UTC(2026, 10, 20, 12)
const uptime = { '/proc/uptime': '2000.00 3000.00\n' }
const booted = now - 2_000_000
const all = () => true

/** Observes the kernel log of a machine that booted 2000 s ago. */
const observe = (kernelLog: string) =>
  observeKernel(fakeHostAccess({ kernelLog, files: uptime, now: () => now }))
const changesIn = async (kernelLog: string) => {
  const { churn } = await observe(kernelLog)
  return churn.seen
    ? churn.value.changes.map(({ at, what, bridge }) => [Math.round((at - booted) / 1000), what, bridge])
    : []
}

describe('a container attached to a bridge and detached', () => {
  test.each([
    ['kernel-3.10.dmesg', 812, 841, 'br-af29e1edc001'],
    ['kernel-4.15.dmesg', 505, 506, 'docker0'],
    ['kernel-6.18.kmsg', 1578, 1579, 'br-011bfe35783a'],
  ])(
    '%s: one attach and one detach, however many states its port goes through',
    async (name, attach, detach, bridge) => {
      expect(await changesIn(recorded(name))).toEqual([
        [attach, 'attach', bridge],
        [detach, 'detach', bridge],
      ])
    },
  )

  test('in the format of rsyslog and journald', async () => {
    const { churn } = await observe(recorded('kernel-5.15.journal'))
    const at = (time: string) => Date.parse(`Dec  4 ${time} 2025`)
    expect(churn.seen && churn.value.changes.map(({ at, what }) => [at, what])).toEqual([
      [at('23:16:08'), 'attach'],
      [at('23:16:30'), 'detach'],
    ])
  })

  test('attached before the log begins: only the detach', async () => {
    const text = recorded('kernel-6.18.kmsg')
    expect(await changesIn(text.slice(text.indexOf('6,757,')))).toEqual([[1579, 'detach', 'br-011bfe35783a']])
  })

  test('that sets its own end down and up stays attached', () => {
    const line = (state: string) => ({ at: 1, text: `br0: port 1(veth0) entered ${state} state` })
    const lines = ['blocking', 'forwarding', 'disabled', 'blocking', 'forwarding'].map(line)
    expect(portChanges(lines)).toMatchObject([{ what: 'attach', bridge: 'br0' }])
  })

  test('two at once are distinguished', () => {
    const text = (port: number, veth: string) => ({
      at: port,
      text: `br0: port ${port}(${veth}) entered blocking state`,
    })
    const left = { at: 3, text: 'device vb left promiscuous mode' }
    expect(portChanges([text(1, 'va'), text(2, 'vb'), left]).map(({ at, what }) => [at, what])).toEqual([
      [1, 'attach'],
      [2, 'attach'],
      [3, 'detach'],
    ])
  })
})

describe('the window', () => {
  test('begins with the first record; a first sequence number other than 0 means truncated', async () => {
    const { churn, kernel } = await observe(recorded('kernel-6.18.kmsg'))
    const window = { from: Math.round(booted + 1577743.125), to: now, truncated: true }
    expect(churn).toMatchObject({ seen: true, value: { scope: 'machine', window } })
    expect(kernel).toMatchObject({ seen: true, value: { window } })
  })
  const record = (sequence: number) => `6,${sequence},1000,-;line\n`
  test.each([
    ['from 0', [0, 1, 2], false],
    ['with a gap, where records were overwritten', [0, 1, 5], true],
    ['from a later number', [7, 8], true],
  ])('of a sequence %s', (_, sequences, truncated) => {
    expect(parseKernelLog(sequences.map(record).join(''), now, all).truncated).toBe(truncated)
  })
  test('of dmesg, without sequence numbers: complete when it begins at boot', () => {
    expect(parseKernelLog('[    0.000000] Linux version 6.1\n', now, all).truncated).toBe(false)
    expect(parseKernelLog('[  812.100001] text\n', now, all).truncated).toBe(true)
  })
})

describe('line formats', () => {
  const text = 'eth0: link up'
  test.each([
    [`[  950.232599] ${text}`, { at: 950_232.599, clock: 'boot' }],
    [`<6>[  950.232599] ${text}`, { at: 950_232.599, clock: 'boot' }],
    [`[  950.232599][  T123] ${text}`, { at: 950_232.599, clock: 'boot' }],
    [`6,1,950232599,-,caller=T1;${text}`, { at: 950_232.599, clock: 'boot' }],
    [
      `2026-11-20T11:52:35,190790+00:00 ${text}`,
      { at: Date.UTC(2026, 10, 20, 11, 52, 35, 190), clock: 'epoch' },
    ],
    [`[Fri Nov 20 11:52:35 2026] ${text}`, { at: Date.parse('Fri Nov 20 11:52:35 2026'), clock: 'epoch' }],
    [`Nov 20 11:52:35 host kernel: ${text}`, { at: Date.parse('Nov 20 11:52:35 2026'), clock: 'epoch' }],
    [
      `Dec 31 23:59:59 host kernel: [  1.000000] ${text}`,
      { at: Date.parse('Dec 31 23:59:59 2025'), clock: 'epoch' },
    ],
  ] as const)('%s', (line, expected) => {
    expect(parseKernelLog(line, now, all).records).toEqual([{ ...expected, text }])
  })
  test.each(['', ' SUBSYSTEM=net', 'Nov 20 11:52:35 host sshd: hello', '6,1;text', 'text'])(
    '%j is not a record',
    (line) => {
      expect(parseKernelLog(line, now, all).records).toEqual([])
    },
  )
})

describe('problems', () => {
  const kinds = ['conntrack-full', 'neighbour-overflow', 'netdev-leak', 'out-of-memory', 'syn-flood']
  test('in the wording of old kernels', async () => {
    const { kernel } = await observe(recorded('kernel-3.10.dmesg'))
    expect(kernel.seen && kernel.value.lines.map(({ kind }) => kind).toSorted()).toEqual(kinds)
  })
  test('in the wording of newer ones', async () => {
    const { kernel } = await observe(recorded('kernel-5.15.journal'))
    expect(kernel.seen && kernel.value.lines.map(({ kind }) => kind)).toEqual([
      ...['neighbour-overflow', 'conntrack-full', 'syn-flood', 'out-of-memory'],
    ])
  })
  test('of many lines of one kind, the last five are kept', async () => {
    const line = (at: number) =>
      `6,${at},${at}000000,-;nf_conntrack: nf_conntrack: table full, dropping packet\n`
    const { kernel } = await observe(Array.from({ length: 5000 }, (_, at) => line(at)).join(''))
    expect(kernel.seen && kernel.value.lines.map(({ at }) => (at - booted) / 1000)).toEqual([
      4995, 4996, 4997, 4998, 4999,
    ])
  })
})

describe('sources of the kernel log', () => {
  test('dmesg, without /dev/kmsg', async () => {
    const access = fakeHostAccess({
      programs: { 'dmesg --raw': recorded('kernel-4.15.dmesg') },
      files: uptime,
      now: () => now,
    })
    const { churn } = await observeKernel(access)
    expect(churn).toMatchObject({
      seen: true,
      from: 'dmesg',
      value: { changes: [{ what: 'attach' }, { what: 'detach' }] },
    })
  })
  test('none: a reason and remedies', async () => {
    const programs = {
      dmesg: { exitCode: 1, stderr: 'dmesg: read kernel buffer failed: Operation not permitted' },
    }
    const { kernel, churn } = await observeKernel(fakeHostAccess({ kernelLog: { code: 'EPERM' }, programs }))
    const unseen = {
      seen: false,
      applies: true,
      remedies: ['kernel-log', 'host-snapshot'],
      why: 'the kernel log could not be read: /dev/kmsg (EPERM), dmesg exited with code 1: dmesg: read kernel buffer failed: Operation not permitted',
    }
    expect([kernel, churn]).toMatchObject([unseen, unseen])
  })
  test('of too many changes, the last are kept, and the window begins with them', async () => {
    const line = (at: number) => `6,${at},${at}000000,-;br0: port 1(v${at}) entered blocking state\n`
    const { churn } = await observe(Array.from({ length: 8000 }, (_, at) => line(at)).join(''))
    expect(churn).toMatchObject({
      seen: true,
      value: { window: { from: booted + 3_000_000, truncated: true } },
    })
    expect(churn.seen && churn.value.changes).toHaveLength(5000)
  })
})
