import { expect, test } from 'vitest'
import check from '../../../src/checks/path/dns-layers-disagree.ts'
import type { DnsFile } from '../../../src/facts/path/dns-files.ts'
import { faultsOf, type Quiet, registry } from '../../support/facts.ts'
import { nameOf, withNames } from '../../support/name-facts.ts'

const inside = '10.0.0.53'
const outside = '9.9.9.9'

const netplan = (...servers: string[]): DnsFile => ({
  ...{ file: '/etc/netplan/50.yaml', kind: 'netplan', link: 'eth0', servers, search: [] },
})
const resolved = (...servers: string[]): DnsFile => ({
  ...{ file: '/etc/systemd/resolved.conf', kind: 'resolved', servers, search: [] },
})
const resolvConf = (...servers: string[]): DnsFile => ({
  ...{ file: '/host/resolv.conf', kind: 'resolv.conf', servers, search: [] },
})

const withFiles = (files: DnsFile[], ...names: Parameters<typeof withNames>[0]) =>
  withNames(names, { files: { files, problems: [] } })

const known = nameOf(registry, { [inside]: ['10.0.0.5'], [outside]: 'no-such-name' })

test('a link and the global servers that answer a name differently are a warning', () => {
  expect(faultsOf(check, withFiles([netplan(inside), resolved(outside)], known))).toEqual([
    {
      subject: '/etc/systemd/resolved.conf',
      severity: 'warning',
      message: `netplan for eth0 has ${inside}; systemd-resolved has ${outside}`,
      because: expect.stringContaining('at the same time and takes the first address that comes'),
      evidence: [
        `${inside} answers for ${registry}: 10.0.0.5`,
        `${outside} answers for ${registry}: no such name (NXDOMAIN)`,
      ],
      cause: 'layers',
    },
  ])
})

test('different servers with the same answers are a note', () => {
  const same = nameOf(registry, { [inside]: ['203.0.113.7'], [outside]: ['203.0.113.8'] })
  expect(faultsOf(check, withFiles([netplan(inside), resolved(outside)], same))).toMatchObject([
    { severity: 'note', evidence: [] },
  ])
})

test('the lists of drop-in files are one list', () => {
  expect(
    faultsOf(check, withFiles([netplan(inside, outside), resolved(inside), resolved('10.0.0.54')], known)),
  ).toMatchObject([
    { message: `netplan for eth0 has ${inside}, ${outside}; systemd-resolved has ${inside}, 10.0.0.54` },
  ])
})

test('a resolv.conf with other servers bypasses systemd-resolved', () => {
  expect(faultsOf(check, withFiles([resolved(inside), resolvConf(outside)], known))).toMatchObject([
    { subject: '/host/resolv.conf', because: expect.stringContaining('do not ask systemd-resolved') },
  ])
})

test.each<Quiet>([
  [
    'the same servers in every layer',
    withFiles([netplan(inside, outside), resolved(outside, inside)], known),
  ],
  ['resolv.conf with the stub alone', withFiles([netplan(inside), resolvConf('127.0.0.53')], known)],
  [
    'links with different servers',
    withFiles([netplan(inside), { ...netplan(outside), link: 'eth1' }], known),
  ],
  ['a layer without servers', withFiles([netplan(inside), resolved()], known)],
  ['a run without dns_config', withNames([known])],
  ['a run that asked for no name', () => {}],
])('%s have no finding', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})
