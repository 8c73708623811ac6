import { expect, test } from 'vitest'
import check from '../../../src/checks/path/pin-renumber-hazard.ts'
import { all, type Change, faultsOf, type Quiet, registry } from '../../support/facts.ts'
import { nameOf, withNames } from '../../support/name-facts.ts'

const address = '10.0.0.5'
const file = '/etc/containerd/certs.d/registry.example.com/hosts.toml'
const pinned = withNames([nameOf(registry, { '10.0.0.53': [address] }, { pins: [address] })])

const withMirror =
  (host: string, ...files: string[]): Change =>
  (facts) => {
    const endpoints = files.map((file) => ({
      ...{ role: 'mirror' as const, url: `https://${host}/v2`, host, bareAddress: true, file, legs: [] },
    }))
    const pull = { runtime: 'containerd 2', registry, reference: registry, endpoints, ok: true, masked: [] }
    facts.path.mirrors = { configs: [], problems: [], ignored: [], pulls: [pull, pull] }
  }

test('an address in the hosts file and in mirror files is a note that names all of them', () => {
  expect(
    faultsOf(check, all(pinned, withMirror(`${address}:5000`, file, '/etc/docker/daemon.json'))),
  ).toEqual([
    {
      subject: address,
      severity: 'note',
      message: `in the hosts file for ${registry}, and in ${file}, /etc/docker/daemon.json`,
    },
  ])
})

test('an IPv6 address may be written in several ways', () => {
  const name = nameOf(registry, {}, { pins: ['FD00::0:5'] })
  expect(faultsOf(check, all(withNames([name]), withMirror('[fd00::5]:5000', file)))).toMatchObject([
    { subject: 'fd00::5' },
  ])
})

test.each<Quiet>([
  ['another address in a mirror file has no finding', all(pinned, withMirror('10.0.0.6', file))],
  ['a mirror by its name has no finding', all(pinned, withMirror('mirror.lan', file))],
  [
    'a name that is not pinned has no finding',
    all(withNames([nameOf(registry, {})]), withMirror(address, file)),
  ],
  ['pins without mirror files have no finding', pinned],
  ['a run that asked for no name has no finding', withMirror(address, file)],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})
