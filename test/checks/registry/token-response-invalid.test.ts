import check from '../../../src/checks/registry/token-response-invalid.ts'
import { testFailureCheck } from '../../support/failure-check.ts'

testFailureCheck(check, 'token-response-invalid', 'registry')
