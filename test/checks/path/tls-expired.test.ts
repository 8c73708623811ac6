import check from '../../../src/checks/path/tls-expired.ts'
import { testFailureCheck } from '../../support/failure-check.ts'

testFailureCheck(check, 'tls-expired', 'path')
