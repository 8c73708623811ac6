import check from '../../../src/checks/registry/denied-or-missing.ts'
import { testCatalogIsLeftAlone, testFailureCheck } from '../../support/failure-check.ts'

testFailureCheck(check, 'denied-or-missing', 'registry')
testCatalogIsLeftAlone(check, 'denied-or-missing')
