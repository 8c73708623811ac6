import check from '../../../src/checks/registry/auth-challenge-missing.ts'
import { testFailureCheck } from '../../support/failure-check.ts'

testFailureCheck(check, 'auth-challenge-missing', 'registry')
