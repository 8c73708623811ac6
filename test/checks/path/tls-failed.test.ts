import check from '../../../src/checks/path/tls-failed.ts'
import { testFailureCheck } from '../../support/failure-check.ts'

testFailureCheck(check, 'tls-failed', 'path')
