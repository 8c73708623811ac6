import check from '../../../src/checks/registry/auth-challenge-invalid.ts'
import { testFailureCheck } from '../../support/failure-check.ts'

testFailureCheck(check, 'auth-challenge-invalid', 'registry')
