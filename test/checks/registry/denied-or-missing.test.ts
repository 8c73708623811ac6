import { expect, test } from 'vitest'
import check from '../../../src/checks/registry/denied-or-missing.ts'
import { faultsOf, registry, withFailures } from '../../support/facts.ts'
import { testCatalogIsLeftAlone, testFailureCheck } from '../../support/failure-check.ts'

testFailureCheck(check, 'denied-or-missing', 'registry')
testCatalogIsLeftAlone(check, 'denied-or-missing')

test('a login for another host is named, with what to set', () => {
  const settings = { username: 'ci', password: 'x', registry: 'other.example' }
  expect(faultsOf(check, withFailures('denied-or-missing'), settings)[0]).toMatchObject({
    because: `The login of username and password is for other.example, and the image is at ${registry}.`,
    advice: `If the login is for ${registry}, set “registry: ${registry}”; otherwise add a login for it to logins.`,
  })
})
