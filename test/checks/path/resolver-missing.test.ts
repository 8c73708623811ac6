import { expect, test } from 'vitest'
import check from '../../../src/checks/path/resolver-missing.ts'
import { faultsOf, type Quiet, registry } from '../../support/facts.ts'
import { nameOf, namesOf, withNames } from '../../support/name-facts.ts'

const unknown = nameOf(registry, {}, { libc: { state: 'silent', addresses: [], ms: 5 } })

test('an empty resolv.conf is an error where a name needs a server', () => {
  expect(faultsOf(check, withNames([unknown]))).toEqual([
    {
      subject: '/etc/resolv.conf',
      severity: 'error',
      message: 'it has no “nameserver” line with an address',
      evidence: [`libc for ${registry}: no answer (5 ms)`],
      explains: [registry],
    },
  ])
})

test('a resolv.conf that does not exist has its own message', () => {
  const change = (facts: Parameters<ReturnType<typeof withNames>>[0]) => {
    const { config: _config, ...rest } = namesOf([unknown])
    facts.path.names = rest
  }
  expect(faultsOf(check, change)).toMatchObject([{ message: 'it does not exist' }])
})

test.each<Quiet>([
  [
    'a server that is configured has no finding',
    withNames([nameOf(registry, { '10.0.0.53': 'no-such-name' })]),
  ],
  ['a name in the hosts file needs no server', withNames([{ ...unknown, pins: ['10.0.0.5'] }])],
  [
    'a name that 127.0.0.1 answers has no finding',
    withNames([{ ...unknown, libc: { state: 'found', addresses: ['10.0.0.5'], ms: 1 } }]),
  ],
  ['a run that asked for no name has no finding', () => {}],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})
