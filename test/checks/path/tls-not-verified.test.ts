import { expect, test } from 'vitest'
import check from '../../../src/checks/path/tls-not-verified.ts'
import { type Change, faultsOf, hostIn, type Quiet, registry } from '../../support/facts.ts'

const skip = { skip_tls_verify: 'true' }
const unverified: Change = (facts) => {
  const { tls } = hostIn(facts)
  if (tls) tls.verified = false
}

test('an unverified certificate is a warning with its subject and issuer', () => {
  expect(faultsOf(check, unverified, skip)).toEqual([
    {
      subject: registry,
      severity: 'warning',
      message: `certificate of ${registry}, issued by Example CA`,
    },
  ])
})

test('every host with an unverified certificate has a warning', () => {
  const both: Change = (facts) => {
    unverified(facts)
    facts.path.hosts.push({ ...hostIn(facts), host: 'cdn.example.com' })
  }
  expect(faultsOf(check, both, skip)).toMatchObject([{ subject: registry }, { subject: 'cdn.example.com' }])
})

test.each<Quiet>([
  ['a verified certificate has no finding', () => {}],
  ['a certificate that would have been accepted has no finding with skip_tls_verify', () => {}, skip],
  ['an unverified certificate has no finding without skip_tls_verify', unverified],
  [
    'a host without TLS has no finding',
    (facts) => {
      delete hostIn(facts).tls
    },
    skip,
  ],
])('%s', (_sentence, change, given) => {
  expect(faultsOf(check, change, given)).toEqual([])
})
