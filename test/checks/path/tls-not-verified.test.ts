import { expect, test } from 'vitest'
import check from '../../../src/checks/path/tls-not-verified.ts'
import { type Change, faultsOf, hostIn, type Quiet, registry } from '../../support/facts.ts'

const skip = { skip_tls_verify: 'true' }
const unverified: Change = (facts) => {
  const { tls } = hostIn(facts)
  if (tls) tls.verified = false
}

test('a certificate that was not checked is a warning that says whose it is', () => {
  expect(faultsOf(check, unverified, skip)).toEqual([
    {
      subject: registry,
      severity: 'warning',
      message: `certificate of ${registry}, issued by Example CA`,
    },
  ])
})

test('every host whose certificate was not checked is told', () => {
  const both: Change = (facts) => {
    unverified(facts)
    facts.path.hosts.push({ ...hostIn(facts), host: 'cdn.example.com' })
  }
  expect(faultsOf(check, both, skip)).toMatchObject([{ subject: registry }, { subject: 'cdn.example.com' }])
})

test.each<Quiet>([
  ['a certificate that was checked is fine', () => {}],
  ['a certificate that would have been accepted is fine all the same', () => {}, skip],
  ['a certificate is not told where checking was not turned off', unverified],
  [
    'a host without TLS has no certificate to check',
    (facts) => {
      delete hostIn(facts).tls
    },
    skip,
  ],
])('%s', (_sentence, change, given) => {
  expect(faultsOf(check, change, given)).toEqual([])
})
