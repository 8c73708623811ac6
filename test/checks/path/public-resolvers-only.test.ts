import { expect, test } from 'vitest'
import check from '../../../src/checks/path/public-resolvers-only.ts'
import type { NamesFact } from '../../../src/facts/path/names.ts'
import { faultsOf, type Quiet } from '../../support/facts.ts'
import { nameOf, withNames } from '../../support/name-facts.ts'

const name = 'registry.lan'
const unknown = nameOf(name, { '9.9.9.9': 'no-such-name', '1.1.1.1': 'no-such-name' })

const behind = (
  configured: string,
  layer: 'upstream' | 'uplink',
  ...addresses: string[]
): Partial<NamesFact> => ({
  resolvers: [
    [configured, 'configured'] as const,
    ...addresses.map((address) => [address, layer] as const),
  ].map(([address, of]) => ({
    ...{ address, layer: of, from: '/etc/resolv.conf' },
    localhost: { state: 'no-such-name', addresses: [], ms: 1 },
  })),
})

test('an internal name that no public server knows is an error with the servers', () => {
  expect(faultsOf(check, withNames([unknown]))).toEqual([
    {
      subject: name,
      severity: 'error',
      message: 'not known to any of 2 DNS servers: 9.9.9.9, 1.1.1.1',
      evidence: [
        `9.9.9.9 answers for ${name}: no such name (NXDOMAIN)`,
        `1.1.1.1 answers for ${name}: no such name (NXDOMAIN)`,
        `libc for ${name}: no such name (NXDOMAIN) (2 ms)`,
      ],
      cause: 'public resolvers',
      explains: [name],
    },
  ])
})

test.each([
  ['Docker’s own resolver', behind('127.0.0.11', 'upstream', '9.9.9.9')],
  ['the stub of systemd-resolved', behind('127.0.0.53', 'uplink', '9.9.9.9')],
])('the servers behind %s count', (_what, more) => {
  expect(faultsOf(check, withNames([nameOf(name, { '127.0.0.53': 'no-such-name' })], more))).toMatchObject([
    { message: 'not known to the only DNS server: 9.9.9.9' },
  ])
})

test.each<Quiet>([
  [
    'an internal server that does not know the name has no finding',
    withNames([nameOf(name, { '10.0.0.53': 'no-such-name', '9.9.9.9': 'no-such-name' })]),
  ],
  [
    'an unknown server behind a stub has no finding',
    withNames([nameOf(name, { '127.0.0.53': 'no-such-name' })]),
  ],
  [
    'an internal server behind Docker’s own has no finding',
    withNames(
      [nameOf(name, { '127.0.0.11': 'no-such-name' })],
      behind('127.0.0.11', 'upstream', '10.0.0.53'),
    ),
  ],
  [
    'a public name has no finding',
    withNames([nameOf('registry.example.com', { '9.9.9.9': 'no-such-name' })]),
  ],
  ['an internal name in public DNS has no finding', withNames([nameOf(name, { '9.9.9.9': ['10.0.0.5'] })])],
  ['a pinned name has no finding', withNames([{ ...unknown, pins: ['10.0.0.5'] }])],
  [
    'a name that libc finds elsewhere has no finding',
    withNames([{ ...unknown, libc: { state: 'found', addresses: ['10.0.0.5'], ms: 1 } }]),
  ],
  ['a run that asked for no name has no finding', () => {}],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})
