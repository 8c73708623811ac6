import check from '../../../src/checks/registry/mirror-miss.ts'
import { testFailureCheck } from '../../support/failure-check.ts'

testFailureCheck(check, 'mirror-miss', 'registry')
