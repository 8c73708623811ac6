import check from '../../../src/checks/registry/credential-helper-failed.ts'
import { testFailureCheck } from '../../support/failure-check.ts'

testFailureCheck(check, 'credential-helper-failed', 'registry')
