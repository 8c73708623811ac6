import check from '../../../src/checks/path/tls-timeout.ts'
import { testFailureCheck } from '../../support/failure-check.ts'

testFailureCheck(check, 'tls-timeout', 'path')
