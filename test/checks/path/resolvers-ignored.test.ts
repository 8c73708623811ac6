import { expect, test } from 'vitest'
import check from '../../../src/checks/path/resolvers-ignored.ts'
import { faultsOf, type Quiet, registry } from '../../support/facts.ts'
import { nameOf, namesOf, withNames } from '../../support/name-facts.ts'

const name = nameOf(registry, { '10.0.0.1': ['10.0.0.5'] })
function withServers(count: number, invalid: string[] = []) {
  const { config } = namesOf([name])
  const servers = Array.from({ length: count }, (_, at) => `10.0.0.${at + 1}`)
  return withNames([name], config ? { config: { ...config, servers, invalid } } : {})
}

test('of 20 servers, the 17 that are never asked are named', () => {
  const [fault, ...others] = faultsOf(check, withServers(20))
  expect(others).toEqual([])
  expect(fault).toMatchObject({
    subject: '/etc/resolv.conf',
    severity: 'note',
    message:
      '20 DNS servers: glibc and musl use the first three, 10.0.0.1, 10.0.0.2, 10.0.0.3, and never ask the others',
    evidence: [expect.stringMatching(/^never asked: 10\.0\.0\.4, .*, 10\.0\.0\.20$/)],
  })
})

test('a server that is not an address is named', () => {
  expect(faultsOf(check, withServers(1, ['dns.lan']))).toMatchObject([
    { message: 'not an IP address, so ignored: dns.lan' },
  ])
})

test.each<Quiet>([
  ['three servers have no finding', withServers(3)],
  ['a run that asked for no name has no finding', () => {}],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})
