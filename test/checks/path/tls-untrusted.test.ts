import { expect, test } from 'vitest'
import check from '../../../src/checks/path/tls-untrusted.ts'
import { faultsOf, withFailures } from '../../support/facts.ts'
import { testFailureCheck } from '../../support/failure-check.ts'

testFailureCheck(check, 'tls-untrusted', 'path')

test('with insecure, it says that certificates are verified nevertheless', () => {
  expect(faultsOf(check, withFailures('tls-untrusted'), { insecure: 'true' })[0]).toMatchObject({
    because: expect.stringContaining('does not skip the verification of certificates'),
    advice: expect.stringContaining('skip_tls_verify: true'),
  })
})
