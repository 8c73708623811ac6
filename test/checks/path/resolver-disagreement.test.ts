import { describe, expect, test } from 'vitest'
import check from '../../../src/checks/path/resolver-disagreement.ts'
import { all, faultsOf, type Quiet, registry, unseen, withBlob } from '../../support/facts.ts'
import { nameOf, type Said, withNames } from '../../support/name-facts.ts'

const first = '10.0.0.53'
const second = '9.9.9.9'

const said = (one: Said, other: Said, more: Parameters<typeof nameOf>[2] = {}) =>
  withNames([nameOf(registry, { [first]: one, [second]: other }, more)])

describe('the first server does not know a name that the second knows', () => {
  test('it is an error where the lookup fails', () => {
    expect(faultsOf(check, said('no-such-name', ['10.0.0.5']))).toEqual([
      {
        subject: registry,
        severity: 'error',
        message: `${first} answers no such name (NXDOMAIN); ${second} answers 10.0.0.5`,
        because: expect.stringContaining('glibc and Go then ask no other server'),
        evidence: [
          `${first} answers for ${registry}: no such name (NXDOMAIN)`,
          `${second} answers for ${registry}: 10.0.0.5`,
          `libc for ${registry}: no such name (NXDOMAIN) (2 ms)`,
        ],
        cause: 'hidden',
        explains: [registry],
      },
    ])
  })
  test('it is a warning where something else gave an address', () => {
    const libc = { state: 'found' as const, addresses: ['10.0.0.5'], ms: 1 }
    expect(faultsOf(check, said('no-such-name', ['10.0.0.5'], { libc }))).toMatchObject([
      { severity: 'warning' },
    ])
  })
  test('a dead server before it changes nothing', () => {
    const name = nameOf(registry, { '10.0.0.1': 'silent', [first]: 'no-data', [second]: ['10.0.0.5'] })
    expect(faultsOf(check, withNames([name]))).toMatchObject([{ severity: 'error', cause: 'hidden' }])
  })
})

test('a public address from the first server and an internal one from a later one is a warning', () => {
  expect(faultsOf(check, said(['203.0.113.7'], ['10.0.0.5']))).toMatchObject([
    {
      severity: 'warning',
      cause: 'inside',
      message: `${first} answers 203.0.113.7; ${second} answers 10.0.0.5`,
    },
  ])
})

test('a public address from a fallback is a note where something failed, and a warning under musl', () => {
  const split = said(['10.0.0.5'], ['203.0.113.7'])
  expect(faultsOf(check, all(split, withBlob('base layer', unseen('answer-timeout'))))).toMatchObject([
    { severity: 'note', cause: 'outside', because: expect.stringContaining('split DNS') },
  ])
  const name = nameOf(registry, { [first]: ['10.0.0.5'], [second]: ['203.0.113.7'] })
  expect(faultsOf(check, withNames([name], { libc: 'musl' }))).toMatchObject([{ severity: 'warning' }])
})

test('two different internal addresses may be one name that rotates: a note where something failed', () => {
  const several = said(['10.0.0.5'], ['10.0.0.6'])
  expect(faultsOf(check, several)).toEqual([])
  expect(faultsOf(check, all(several, withBlob('base layer', unseen('answer-timeout'))))).toMatchObject([
    { severity: 'note', cause: 'several' },
  ])
})

describe('a fallback that does not know the name', () => {
  const fallback = said(['10.0.0.5'], 'no-such-name')
  test('is a note where something failed', () => {
    expect(faultsOf(check, all(fallback, withBlob('base layer', unseen('answer-timeout'))))).toMatchObject([
      {
        severity: 'note',
        cause: 'fallback',
        title: expect.stringContaining('only while the first is down'),
        because: expect.stringContaining('expected of a public fallback'),
      },
    ])
  })
  test('is a note where the setting names the host', () => {
    expect(
      faultsOf(check, said(['10.0.0.5'], 'no-such-name', { uses: ['registry', 'names'] })),
    ).toMatchObject([{ severity: 'note' }])
  })
  test('is a warning under musl, which takes the first answer of all', () => {
    const name = nameOf(registry, { [first]: ['10.0.0.5'], [second]: 'no-such-name' })
    expect(faultsOf(check, withNames([name], { libc: 'musl' }))).toMatchObject([
      { severity: 'warning', evidence: expect.arrayContaining(['this process uses musl']) },
    ])
  })
})

test('a pinned name is a note, and only where the setting names it', () => {
  const pinned = { pins: ['10.0.0.5'] }
  expect(faultsOf(check, said('no-such-name', ['10.0.0.5'], pinned))).toEqual([])
  expect(faultsOf(check, said('no-such-name', ['10.0.0.5'], { ...pinned, uses: ['names'] }))).toMatchObject([
    { severity: 'note' },
  ])
})

test.each<Quiet>([
  ['the same address from all has no finding', said(['10.0.0.5'], ['10.0.0.5'])],
  ['different public addresses have no finding', said(['203.0.113.7'], ['203.0.113.8'])],
  ['answers of many internal addresses may rotate', said(['10.0.0.5', '10.0.0.6'], ['10.0.0.7', '10.0.0.8'])],
  [
    'a fallback that does not know the name has no finding where all works',
    said(['10.0.0.5'], 'no-such-name'),
  ],
  ['a public address from a fallback has no finding where all works', said(['10.0.0.5'], ['203.0.113.7'])],
  [
    'servers of the files of dns_config are compared by other checks',
    withNames([nameOf(registry, { [first]: ['203.0.113.7'], [second]: ['10.0.0.5'] })], {
      resolvers: [first, second].map((address) => ({
        ...{ address, layer: 'file', from: '/etc/netplan/1.yaml' },
        localhost: { state: 'no-such-name', addresses: [], ms: 1 },
      })),
    }),
  ],
  ['a dead server says nothing', said(['10.0.0.5'], 'silent')],
  ['a name that no server knows is left to name-not-resolved', said('no-such-name', 'no-data')],
  ['an error is left to resolver-failing', said('server-failed', ['10.0.0.5'])],
  ['a run that asked for no name has no finding', () => {}],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})
