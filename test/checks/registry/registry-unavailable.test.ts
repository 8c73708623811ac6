import check from '../../../src/checks/registry/registry-unavailable.ts'
import { testFailureCheck } from '../../support/failure-check.ts'

testFailureCheck(check, 'registry-unavailable', 'registry')
