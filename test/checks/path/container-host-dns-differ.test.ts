import { expect, test } from 'vitest'
import check from '../../../src/checks/path/container-host-dns-differ.ts'
import type { DnsFile } from '../../../src/facts/path/dns-files.ts'
import { faultsOf, type Quiet, registry } from '../../support/facts.ts'
import { nameOf, namesOf, withNames } from '../../support/name-facts.ts'

const own = '9.9.9.9'
const host = '10.0.0.53'
const name = nameOf(registry, { [own]: ['203.0.113.7'], [host]: ['10.0.0.5'] })

const file = (kind: DnsFile['kind'], path: string, ...servers: string[]): DnsFile => ({
  ...{ file: path, kind, servers, search: [] },
})
const hostFile = file('resolv.conf', '/host/resolv.conf', host)

/** The step asks the first server; those of the files are asked as well. */
function withHost(files: DnsFile[], servers: string[] = [own], of = name) {
  const { config, resolvers } = namesOf([of])
  return withNames([of], {
    files: { files, problems: [] },
    ...(config ? { config: { ...config, servers } } : {}),
    resolvers: resolvers.map((one) => (servers.includes(one.address) ? one : { ...one, layer: 'file' })),
  })
}

test('a name that they answer differently is a warning', () => {
  expect(faultsOf(check, withHost([hostFile]))).toEqual([
    {
      subject: '/etc/resolv.conf',
      severity: 'warning',
      message: `this step asks ${own}; the host asks ${host}`,
      because: expect.stringContaining('pulls images with the servers of the host'),
      evidence: [`${own} answers for ${registry}: 203.0.113.7`, `${host} answers for ${registry}: 10.0.0.5`],
    },
  ])
})

test('different servers alone are a note', () => {
  const same = nameOf(registry, { [own]: ['203.0.113.7'], [host]: ['203.0.113.7'] })
  expect(faultsOf(check, withHost([hostFile], [own], same))).toMatchObject([
    { severity: 'note', evidence: [] },
  ])
})

test('behind the stub of the host, its other files count', () => {
  const files = [
    file('resolv.conf', '/host/resolv.conf', '127.0.0.53'),
    file('netplan', '/etc/netplan/1.yaml', host),
  ]
  expect(faultsOf(check, withHost(files))).toMatchObject([
    { message: `this step asks ${own}; the host asks ${host}` },
  ])
})

test.each<Quiet>([
  ['the same servers have no finding', withHost([file('resolv.conf', '/host/resolv.conf', own)])],
  [
    'the file that this step reads itself is not the host’s',
    withHost([{ ...hostFile, file: '/etc/resolv.conf' }]),
  ],
  [
    'Docker’s own resolver without known upstream servers has no finding',
    withHost(
      [hostFile],
      ['127.0.0.11'],
      nameOf(registry, { '127.0.0.11': ['203.0.113.7'], [host]: ['10.0.0.5'] }),
    ),
  ],
  [
    'a host with a stub alone has no finding',
    withHost([file('resolv.conf', '/host/resolv.conf', '127.0.0.53')]),
  ],
  ['a run without dns_config has no finding', withNames([name])],
  ['a run that asked for no name has no finding', () => {}],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})
