import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import type { NameFact } from '../../../src/facts/path/names.ts'
import { nameLines, namesTitle } from '../../../src/outputs/terminal/names.ts'
import { nameOf, namesOf } from '../../support/name-facts.ts'

const lines = (...names: NameFact[]) =>
  nameLines({ names: namesOf(names) }).map((line) => stripVTControlCharacters(line))

const asked = { uses: ['names' as const] }

test('a name of the settings has what libc and each server say', () => {
  const name = nameOf('registry.lan', { '10.0.0.53': ['10.0.0.5'], '9.9.9.9': 'no-such-name' }, asked)
  expect(lines(name)).toEqual([
    '✓ name      registry.lan · libc 10.0.0.5 in 2 ms · 10.0.0.53: 10.0.0.5 · 9.9.9.9: no such name (NXDOMAIN)',
  ])
})

test('a name in the hosts file says so, and one without an address is marked', () => {
  const libc = { state: 'found' as const, addresses: ['10.0.0.9'], ms: 1 }
  expect(
    lines(
      nameOf('pinned.lan', {}, { ...asked, pins: ['10.0.0.9'], libc }),
      nameOf('unknown.lan', { '10.0.0.53': 'no-such-name' }),
    ),
  ).toEqual([
    '✓ name      pinned.lan · hosts file 10.0.0.9 in 1 ms',
    '✗ name      unknown.lan · libc no such name (NXDOMAIN) in 2 ms · 10.0.0.53: no such name (NXDOMAIN)',
  ])
})

test('a name of the path that has an address needs no line', () => {
  const names = namesOf([nameOf('registry.lan', { '10.0.0.53': ['10.0.0.5'] })])
  expect([nameLines({ names }), namesTitle({ names }), nameLines({}), namesTitle({})]).toEqual([
    [],
    [],
    [],
    [],
  ])
})

test('a run for names alone has a title', () => {
  const names = namesOf([nameOf('registry.lan', { '10.0.0.53': ['10.0.0.5'], '9.9.9.9': 'silent' }, asked)])
  expect(namesTitle({ names })).toEqual(['1 name looked up, also by each of 2 DNS servers'])
})
