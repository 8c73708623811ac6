import check from '../../../src/checks/path/tls-name-mismatch.ts'
import { testFailureCheck } from '../../support/failure-check.ts'

testFailureCheck(check, 'tls-name-mismatch', 'path')
