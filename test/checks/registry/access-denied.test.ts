import check from '../../../src/checks/registry/access-denied.ts'
import { testCatalogIsLeftAlone, testFailureCheck } from '../../support/failure-check.ts'

testFailureCheck(check, 'access-denied', 'registry')
testCatalogIsLeftAlone(check, 'access-denied')
