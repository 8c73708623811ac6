import { describe, expect, test } from 'vitest'
import { observeDaemons } from '../../../../src/observe/runner/host/daemons.ts'
import { fakeHostAccess } from '../../../support/fake-host-access.ts'

const netlink = (inode: number) =>
  `sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode
000000002df76bd8 0   4312       00000000 0        0        0     2        0        77
000000002df76bd8 0   0          00000000 0        0        0     2        0        ${inode} \n`

const daemon = (...words: string[]) => `${words.join('\0')}\0`

/** The daemons among these files, seen from a namespace with inode 5. */
const observed = (files: Record<string, string | { code: string }>, ids = ['7']) =>
  observeDaemons(
    fakeHostAccess({
      files: { '/proc/net/netlink': netlink(5), '/proc/7/net/netlink': netlink(5), ...files },
    }),
    { procNet: '/proc/net', isOwn: true },
    new Map([['dockerd', ids]]),
  )

test('two daemons in one namespace, one of them from snap; that of a nested engine does not count', async () => {
  const found = await observed(
    {
      '/proc/7/cmdline': daemon('/usr/bin/dockerd', '-H', 'fd://', '--label', 'secret=x'),
      '/proc/8/cmdline': daemon('/snap/docker/2915/bin/dockerd', '--data-root=/var/snap/docker/common'),
      '/proc/8/net/netlink': netlink(5),
      '/proc/9/cmdline': daemon('dockerd'),
      '/proc/9/net/netlink': netlink(6),
    },
    ['7', '8', '9'],
  )
  expect(found).toMatchObject([
    { command: '/usr/bin/dockerd -H fd://', snap: false },
    { command: '/snap/docker/2915/bin/dockerd --data-root=/var/snap/docker/common', snap: true },
  ])
})

describe('whether a daemon writes rules', () => {
  const json = '/proc/7/root/etc/docker/daemon.json'
  test.each<[string, Record<string, string | { code: string }>, string[], boolean | undefined]>([
    ['by default', {}, [], true],
    ['not by flag', {}, ['--iptables=false'], false],
    ['by flag', { [json]: '{"iptables":false}' }, ['--iptables'], true],
    ['not by daemon.json', { [json]: '{"iptables": false}' }, [], false],
    ['by daemon.json', { [json]: '{"iptables": true, "mtu": 1400}' }, [], true],
    [
      'by a file of another name',
      { '/proc/7/root/x.json': '{"iptables":false}' },
      ['--config-file', '/x.json'],
      false,
    ],
    ['unknown where the file may not be read', { [json]: { code: 'EACCES' } }, [], undefined],
    ['unknown where the file is broken', { [json]: '{' }, [], undefined],
  ])('%s', async (_sentence, files, flags, writesRules) => {
    const found = await observed({ '/proc/7/cmdline': daemon('dockerd', ...flags), ...files })
    expect(found.map((one) => one.writesRules)).toEqual([writesRules])
  })
})
