import check from '../../../src/checks/registry/redirect-refused.ts'
import { testFailureCheck } from '../../support/failure-check.ts'

testFailureCheck(check, 'redirect-refused', 'registry')
