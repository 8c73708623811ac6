import fc from 'fast-check'
import { expect, test } from 'vitest'
import { askableUpstream, parseResolverConfig } from '../../../../src/observe/path/names/resolver-config.ts'

const config = (text: string) => parseResolverConfig(text, '/etc/resolv.conf')

test('an empty file has the defaults of glibc', () => {
  expect(config('')).toEqual({
    file: '/etc/resolv.conf',
    servers: [],
    invalid: [],
    search: [],
    ndots: 1,
    timeoutMs: 5000,
    attempts: 2,
    rotate: false,
    hostUpstream: [],
  })
})

test('the last search or domain counts, of domain the first name', () => {
  expect(config('search a.lan b.lan\ndomain c.lan d.lan\n').search).toEqual(['c.lan'])
  expect(config('domain c.lan\nsearch A.lan. b.lan .\n').search).toEqual(['a.lan', 'b.lan'])
})

test('options are limited as in glibc', () => {
  expect(config('options ndots:99 timeout:99 attempts:99 rotate\n')).toMatchObject({
    ndots: 15,
    timeoutMs: 30_000,
    attempts: 5,
    rotate: true,
  })
  expect(config('options ndots:2\noptions timeout:1 ndots:x\n')).toMatchObject({ ndots: 2, timeoutMs: 1000 })
})

test('servers that are not addresses are kept apart', () => {
  expect(config('nameserver dns.example\nnameserver 10.0.0.53 # internal\nnameserver\n')).toMatchObject({
    servers: ['10.0.0.53'],
    invalid: ['dns.example'],
  })
})

test('the servers behind Docker’s own resolver are divided by where it asks them from', () => {
  const text = 'nameserver 127.0.0.11\n# ExtServers: [host(127.0.0.53) 10.0.0.2]\n'
  expect(config(text).hostUpstream).toEqual(['127.0.0.53'])
  expect(askableUpstream(text)).toEqual(['10.0.0.2'])
})

test('any text is read', () => {
  const line = fc.constantFrom(
    'nameserver ',
    'search ',
    'options ',
    'ndots:',
    '# ExtServers: [',
    'host(',
    '\n',
    '::1',
  )
  fc.assert(
    fc.property(fc.array(fc.oneof(line, fc.string())), (parts) => {
      const { ndots, timeoutMs } = config(parts.join(''))
      expect(ndots).toBeLessThanOrEqual(15)
      expect(timeoutMs).toBeLessThanOrEqual(30_000)
    }),
  )
})
