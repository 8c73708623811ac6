import { describe, expect, test } from 'vitest'
import { addressFromDigits, addressFromWords } from '../../../../src/observe/runner/host/hex-address.ts'
import { observeListeners } from '../../../../src/observe/runner/host/listeners.ts'
import { parseQueues, queueOf } from '../../../../src/observe/runner/host/socket-queues.ts'
import { listening, parseSockets, peersOf } from '../../../../src/observe/runner/host/sockets.ts'
import { openWindow } from '../../../../src/observe/runner/host/window.ts'
import { fakeHostAccess } from '../../../support/fake-host-access.ts'
import { recorded } from './recorded.ts'

describe('addresses in the kernel’s format', () => {
  test.each([
    ['0100007F', '127.0.0.1'],
    ['00000000', '0.0.0.0'],
    ['00000000000000000000000000000000', '::'],
    ['00000000000000000000000001000000', '::1'],
    ['0000000000000000FFFF00000100007F', '127.0.0.1'],
    ['B80D0120000000000000000001000000', '2001:db8::1'],
    ['B80D0120010000000000000001000000', '2001:db8:0:1::1'],
  ])('%s is %s', (hex, address) => expect(addressFromWords(hex)).toBe(address))
  test.each(['', '0', 'XXXXXXXX', '0100007', '0'.repeat(31)])('%j is not an address', (hex) =>
    expect(addressFromWords(hex)).toBeUndefined(),
  )
  test('in network byte order', () =>
    expect(addressFromDigits('fe800000000000000000000000000a01')).toBe('fe80::a01'))
})

describe('sockets', () => {
  const rows = ['tcp', 'tcp6'].flatMap((name) => parseSockets(recorded(name)))

  test('that listen', () => {
    expect(listening(rows).map(({ address, port }) => [address, port])).toEqual([
      ['0.0.0.0', 2222],
      ['0.0.0.0', 8080],
      ['::', 2223],
      ['::', 8080],
    ])
  })
  test('with peers other than loopback', () => expect(peersOf(rows)).toEqual(['172.17.0.1', '172.18.0.1']))
  test('a peer in SYN_RECV, whose replies get lost, counts', () => {
    const row = '   0: 0100000A:0016 0200000A:A204 03 00000000:00000000 01:00000064 00000001 0 0 0'
    expect(peersOf(parseSockets(row))).toEqual(['10.0.0.2'])
  })
  test('at most 1,000 peers', () => {
    const row = (at: number) =>
      `0: 0100000A:0016 ${at.toString(16).padStart(8, '0').toUpperCase()}:A204 01 0:0`
    const text = Array.from({ length: 3000 }, (_, at) => row(at + 256)).join('\n')
    expect(peersOf(parseSockets(text))).toHaveLength(1000)
  })
})

describe('queues of listening sockets', () => {
  const queues = parseQueues(recorded('ss'))
  test('the queue limit and the program', () => {
    expect(queueOf(queues, '0.0.0.0', 2222)).toEqual({ queue: { waiting: 0, limit: 7 }, program: 'socat' })
    expect(queueOf(queues, '::', 8080)?.program).toBe('docker-proxy')
  })
  test('a socket of both families, * in ss, is found as ::', () =>
    expect(queueOf(queues, '::', 2223)?.queue).toEqual({ waiting: 0, limit: 5 }))
  test('bound to one interface, to an IPv6 address, without a program', () => {
    const text =
      'LISTEN 2 1 127.0.0.53%lo:53 0.0.0.0:*\nLISTEN 0 128 [fe80::1]%eth0:22 [::]:*\nESTAB 0 0 1.1.1.1:1 2.2.2.2:2\n'
    const found = parseQueues(text)
    expect(queueOf(found, '127.0.0.53', 53)).toEqual({ queue: { waiting: 2, limit: 1 } })
    expect(queueOf(found, 'fe80::1', 22)).toEqual({ queue: { waiting: 0, limit: 128 } })
    expect(found.size).toBe(2)
  })
})

describe('the host’s listeners', () => {
  const texts = ['tcp', 'tcp6', 'netstat'].map((name) => [`/proc/net/${name}`, recorded(name)])
  const files: Record<string, string> = Object.fromEntries(texts)
  const network = { procNet: '/proc/net', isOwn: true }

  test('with queues from ss, and the connections dropped during the window', async () => {
    let reads = 0
    const dropped = () =>
      recorded('netstat').replace(/^TcpExt: \d.*$/m, (values) => {
        const names = /^TcpExt: \D.*$/m.exec(recorded('netstat'))?.[0].split(' ') ?? []
        const cells = values.split(' ')
        cells[names.indexOf('ListenOverflows')] = String(10 + 19 * reads)
        reads += 1
        return cells.join(' ')
      })
    const access = fakeHostAccess({
      files: { ...files, '/proc/net/netstat': dropped },
      programs: { ss: recorded('ss') },
    })
    const area = await observeListeners(access, network, openWindow(access, 0))
    expect(area).toMatchObject({ seen: true, value: { drops: 19 } })
    expect(area.seen && area.value.sockets[0]).toEqual({
      ...{ address: '0.0.0.0', port: 2222, queue: { waiting: 0, limit: 7 }, program: 'socat' },
    })
  })
  test('without ss, they have no queues', async () => {
    const access = fakeHostAccess({ files })
    const area = await observeListeners(access, network, openWindow(access, 0))
    expect(area.seen && area.value.sockets[0]).toEqual({ address: '0.0.0.0', port: 2222 })
  })
  test('where ss would load a module of the kernel, it is not run', async () => {
    const modules = { '/proc/modules': 'inet_diag 16384 0 - Live 0x0000000000000000\n' }
    const access = fakeHostAccess({ files: { ...files, ...modules }, programs: { ss: recorded('ss') } })
    await observeListeners(access, network, openWindow(access, 0))
    expect(access.ran).toEqual([])
  })
  test('through /proc/1/net without running ss, which would show this container’s sockets', async () => {
    const access = fakeHostAccess({
      files: { '/proc/1/net/tcp': recorded('tcp') },
      programs: { ss: recorded('ss') },
    })
    const area = await observeListeners(
      access,
      { procNet: '/proc/1/net', isOwn: false },
      openWindow(access, 0),
    )
    expect(area).toMatchObject({ seen: true, value: { sockets: [{ port: 2222 }, { port: 8080 }] } })
    expect(area.seen && area.value).not.toHaveProperty('drops')
    expect(access.ran).toEqual([])
  })
})
