import check from '../../../src/checks/registry/insufficient-scope.ts'
import { testCatalogIsLeftAlone, testFailureCheck } from '../../support/failure-check.ts'

testFailureCheck(check, 'insufficient-scope', 'registry')
testCatalogIsLeftAlone(check, 'insufficient-scope')
